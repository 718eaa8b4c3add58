/** What the kubelet says when a readiness probe fails, message by message (catalogue, section 12; pkg/probe, pkg/kubelet/prober). */
import type { CauseId } from '../../causes.ts';
import { listText } from '../../kubernetes/nearest.ts';
import type { Evidence, NextCheck, Remedy } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { inWords, type PodContainer } from './containers.ts';
import { listeningIn } from './listening.ts';
import { logLines, quotable, tellingLine } from './log-text.ts';
import { declaredPorts, networkProbe, otherPort, portNumber } from './readiness-ports.ts';
import {
  commandAsHttp,
  dropGrpcService,
  grpcAsTcp,
  lookAtLog,
  setCommand,
  setPath,
  setPort,
  setPortName,
  setScheme,
  setTimeout,
} from './readiness-remedies.ts';

export type ReadinessCause = Extract<CauseId, `readiness-${string}` | 'ready-false-container-terminated'>;

/** What one message proves. */
export interface ProbeFault {
  readonly cause: ReadinessCause;
  readonly message: string;
  readonly evidence?: readonly Evidence[];
  readonly remedies?: readonly Remedy[];
  readonly nextChecks?: readonly NextCheck[];
  readonly likely?: true;
}

type Kind = 'httpGet' | 'tcpSocket' | 'grpc' | 'exec';
type Build = (container: PodContainer, match: RegExpExecArray, log: string | undefined) => ProbeFault;

const probeOf = (container: PodContainer) => container.place.container.readinessProbe;
const the = (container: PodContainer) => `the readiness probe of ${inWords(container)}`;
const quote = (container: PodContainer, text: string): string => {
  const line = tellingLine(logLines(text));
  return line ? quotable(line, container.pod.metadata?.name) : '';
};
/** The port as the probe names it: `port http`. */
const onPort = (container: PodContainer): string => `port ${networkProbe(probeOf(container))?.port ?? '?'}`;

const looksLikeTls = (container: PodContainer): boolean => {
  const port = networkProbe(probeOf(container))?.port;
  return /https|tls|ssl/i.test(String(port)) || [443, 8443, 9443, 6443].includes(portNumber(container.place.container, port) ?? 0);
};

/** The kubelet's odd words for a port name that it did not find among the container's own ports. */
const namedPort: Build = (container, [, old, name = old ?? '']) => {
  const names = declaredPorts(container.place.container).map((port) => port.name ?? String(port.containerPort));
  return {
    cause: 'readiness-named-port-missing',
    message: `${the(container)} asks on port ${name}, and the container declares ${names.length === 0 ? 'no ports' : listText(names)}`,
    evidence: [absent(container.ref, `${container.specPath}.ports[name=${name}]`)],
    remedies: setPortName(container, name),
  };
};

const status: Build = (container, [, code = '']) => {
  const { path = '/', scheme } = probeOf(container)?.httpGet ?? {};
  // Go's servers answer 400 to plain HTTP on a TLS port.
  if (code === '400' && scheme !== 'HTTPS' && looksLikeTls(container)) return { ...wrongScheme(container, 'HTTPS'), likely: true };
  const wrongPath = ['401', '403', '404', '405'].includes(code);
  return {
    cause: 'readiness-http-status',
    message: `${the(container)} asks for ${path} on ${onPort(container)} and gets status ${code}`,
    remedies: wrongPath ? setPath(container) : [],
    nextChecks: lookAtLog(container),
  };
};

const wrongScheme = (container: PodContainer, right: 'HTTP' | 'HTTPS'): ProbeFault => ({
  cause: 'readiness-scheme-mismatch',
  message: `${the(container)} speaks ${right === 'HTTP' ? 'HTTPS' : 'HTTP'}, and ${onPort(container)} speaks ${right}`,
  remedies: setScheme(container, right),
});

const otherScheme: Build = (container) => wrongScheme(container, probeOf(container)?.httpGet?.scheme === 'HTTPS' ? 'HTTP' : 'HTTPS');

const http2: Build = (container) => ({
  cause: 'readiness-scheme-mismatch',
  message: `${the(container)} speaks HTTP/1.1, and ${onPort(container)} speaks something else`,
  likely: true,
  nextChecks: lookAtLog(container),
});

const refused: Build = (container, _, log) => {
  const wrong = portNumber(container.place.container, networkProbe(probeOf(container))?.port);
  const local = listeningIn(log).find(({ port, localhost }) => localhost && port === wrong);
  if (local) {
    return {
      cause: 'readiness-connection-refused',
      message: `${inWords(container)} listens on 127.0.0.1 only, where its readiness probe on ${onPort(container)} cannot reach it`,
      likely: true,
      evidence: [
        {
          log: { namespace: container.ref.namespace ?? '', pod: container.ref.name, container: container.name, previous: false },
          line: local.line,
        },
      ],
    };
  }
  const other = otherPort(container, wrong, log);
  return {
    cause: 'readiness-connection-refused',
    message: `nothing listens on ${onPort(container)}, where the readiness probe of ${inWords(container)} asks${other ? `; ${other.says}` : ''}`,
    evidence: other ? [other.evidence] : [],
    remedies: setPort(container, other),
    nextChecks: lookAtLog(container),
  };
};

const noAnswer: Build = (container, match) => {
  const seconds = probeOf(container)?.timeoutSeconds ?? 1;
  const dropped = /dial tcp/.test(match.input);
  return {
    cause: 'readiness-timeout',
    message: dropped
      ? `${the(container)} cannot connect to ${onPort(container)}: packets are lost on the way`
      : `${the(container)} gets no answer on ${onPort(container)} within ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`,
    evidence: dropped ? [] : [seen(container.ref, `${container.specPath}.readinessProbe.timeoutSeconds`, seconds)],
    remedies: dropped ? [] : setTimeout(container),
    nextChecks: lookAtLog(container),
  };
};

const reset: Build = (container, [what = '']) => {
  const { httpGet } = probeOf(container) ?? {};
  if (what === 'EOF' && httpGet && httpGet.scheme !== 'HTTPS' && looksLikeTls(container))
    return { ...wrongScheme(container, 'HTTPS'), likely: true };
  const says = what === 'EOF' ? 'the other side closes it' : what;
  return {
    cause: 'readiness-connection-reset',
    message: `the connection of ${the(container)} to ${onPort(container)} breaks: ${says}`,
    nextChecks: lookAtLog(container),
  };
};

const slowCommand: Build = (container) => {
  const seconds = probeOf(container)?.timeoutSeconds ?? 1;
  return {
    cause: 'readiness-exec-timeout',
    message: `the command of ${the(container)} takes longer than ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`,
    evidence: [seen(container.ref, `${container.specPath}.readinessProbe.timeoutSeconds`, seconds)],
    remedies: setTimeout(container),
  };
};

const noProgram: Build = (container, [, a, b, c]) => ({
  cause: 'readiness-exec-failed',
  message: `${the(container)} runs ${a ?? b ?? c}, which cannot be run in this container`,
  remedies: [...commandAsHttp(container), ...setCommand(container)],
});

const failedCommand: Build = (container, { input }) => {
  const said = quote(container, input);
  return {
    cause: 'readiness-exec-failed',
    message: `the command of ${the(container)} fails${said ? `: ${said}` : ' and says nothing'}`,
    // `sh: curl: not found`
    remedies: [...(/not found/.test(input) ? commandAsHttp(container) : []), ...setCommand(container)],
    nextChecks: lookAtLog(container),
  };
};

const GRPC: readonly (readonly [pattern: RegExp, says: string, remedies: (container: PodContainer) => Remedy[]])[] = [
  [/NOT_SERVING/, 'the server answers NOT_SERVING', () => []],
  [/does not implement the grpc health protocol/, 'the server has no gRPC health service', grpcAsTcp],
  [/unknown service|code = NotFound/i, 'the server knows no service of that name', dropGrpcService],
  [/connection refused/, 'nothing listens there', (container) => setPort(container, undefined)],
  [/health rpc did not complete/, 'there is no answer in time', setTimeout],
  [/failed to connect/, 'no gRPC server answers there: the port may speak HTTP, or TLS, which a gRPC probe cannot', () => []],
];

const grpc: Build = (container, { input }) => {
  const { service, port } = probeOf(container)?.grpc ?? {};
  const [, says, remedies] = GRPC.find(([pattern]) => pattern.test(input)) ?? [undefined, quote(container, input), () => []];
  return {
    cause: 'readiness-grpc-failed',
    message: `the gRPC readiness probe of ${inWords(container)} on port ${port ?? '?'}${service ? ` for service ${service}` : ''} fails: ${says}`,
    remedies: remedies(container),
    nextChecks: lookAtLog(container),
  };
};

const unknown: Build = (container, { input }) => ({
  cause: 'ready-false-container-terminated',
  message: `${the(container)} fails: ${quote(container, input)}`,
  nextChecks: lookAtLog(container),
});

const NETWORK: readonly Kind[] = ['httpGet', 'tcpSocket'];

/** First match wins; `kinds` are the probes that can say it. A command's own output may hold any of these words. */
const MESSAGES: readonly { readonly kinds: readonly Kind[]; readonly pattern: RegExp; readonly build: Build }[] = [
  // up to 1.36; 1.37
  { kinds: NETWORK, pattern: /strconv\.Atoi: parsing "([^"]*)": invalid syntax|^port "([^"]*)" not found$/, build: namedPort },
  { kinds: ['httpGet'], pattern: /HTTP probe failed with statuscode: (\d+)/, build: status },
  {
    kinds: ['httpGet'],
    pattern: /server gave HTTP response to HTTPS client|first record does not look like a TLS handshake|malformed HTTP response "\\x15/,
    build: otherScheme,
  },
  { kinds: ['httpGet'], pattern: /malformed HTTP (?:response|status|version)|http2: /, build: http2 },
  // up to 1.30 `command "..." timed out`, from 1.31 `command timed out: "..." timed out after 1s`; CRI-O and containerd by the status code
  {
    kinds: ['exec'],
    pattern: /^command (?:timed out: )?"[\s\S]*" timed out|code = DeadlineExceeded|^command timed out/,
    build: slowCommand,
  },
  // runc; crun quotes with backticks and adds the cause
  { kinds: ['exec'], pattern: /exec: "([^"]+)": |executable file [`']([^`']+)[`'] not found|exec `([^`]+)`: /, build: noProgram },
  { kinds: ['exec'], pattern: /^/, build: failedCommand },
  { kinds: ['grpc'], pattern: /^/, build: grpc },
  { kinds: NETWORK, pattern: /connection refused/, build: refused },
  {
    kinds: NETWORK,
    pattern: /Client\.Timeout exceeded|i\/o timeout|context deadline exceeded|TLS handshake timeout|request canceled/,
    build: noAnswer,
  },
  { kinds: NETWORK, pattern: /connection reset by peer|broken pipe|no route to host|network is unreachable|\bEOF\b/, build: reset },
  { kinds: NETWORK, pattern: /^/, build: unknown },
];

/**
 * @param text what follows `Readiness probe failed: ` in the event
 * @param log what the container has logged, where it was read
 * @returns what the message proves; undefined where the container has no readiness probe (any more)
 */
export function probeFault(container: PodContainer, text: string, log?: string): ProbeFault | undefined {
  const probe = probeOf(container);
  const kind = (['httpGet', 'tcpSocket', 'grpc', 'exec'] as const).find((one) => probe?.[one]);
  for (const { kinds, pattern, build } of MESSAGES) {
    const match = kind && kinds.includes(kind) ? pattern.exec(text) : null;
    if (match) return build(container, match, log);
  }
  return undefined;
}

/** @returns the fault that the spec alone proves, without any event: a port name that the container does not declare. */
export function specFault(container: PodContainer): ProbeFault | undefined {
  const asked = networkProbe(probeOf(container));
  if (asked === undefined || typeof asked.port !== 'string' || portNumber(container.place.container, asked.port) !== undefined)
    return undefined;
  return probeFault(container, `strconv.Atoi: parsing "${asked.port}": invalid syntax`);
}
