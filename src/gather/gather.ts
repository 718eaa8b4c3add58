/** Reads what the checks ask for, in rounds: each round asks them again with what is known by then. */
import { createArtifacts, type GrowingArtifacts, requestKey } from '../artifacts.ts';
import { CHECKS } from '../checks/index.ts';
import { startsAbove } from '../checks/subject.ts';
import type { Artifacts, Check, ClusterReader, Read, ReadRequest, Target } from '../model.ts';

/** Four for targets that start above the Pods, else three. */
const roundsFor = (target: Target): number => (startsAbove(target.kind) ? 4 : 3);

/** Rounds that only reads marked as late get: the cluster's DNS where a log says that a name does not resolve, then the log of CoreDNS. */
const LATE_ROUNDS = 2;

/** Refused on the Pod IP; then localhost, the log and other ports; then a port that the log names. */
const PROBE_ROUNDS = 3;

/** Milliseconds by which clocks may differ; the server's is told in whole seconds. */
const SAME_CLOCK = 5000;

export interface GatherOptions {
  /** Whether the person allowed active probes. */
  readonly probe?: boolean;
  readonly signal?: AbortSignal;
  /** Called before each round with what is about to be read, e.g. `services, events and 3 more`. */
  readonly progress?: (what: string) => void;
  /** RFC 3339; a recording brings its own clock. */
  readonly now: string;
  readonly checks?: readonly Check[];
}

export interface Gathered {
  readonly artifacts: Artifacts;
  readonly rounds: number;
  /** Probes that a check would make if the person allowed them. */
  readonly offered: readonly ReadRequest[];
}

/** @returns what the checks want and nobody has asked for yet; a get that a list already answers is not wanted. */
function wanted(artifacts: GrowingArtifacts, checks: readonly Check[]): ReadRequest[] {
  const requests = new Map<string, ReadRequest>();
  for (const check of checks) {
    for (const request of readsOf(check, artifacts)) {
      const key = requestKey(request);
      const known = requests.get(key);
      if (artifacts.answer(request) === undefined && (!known || !request.optional || (known.late && !request.late)))
        requests.set(key, request);
    }
  }
  return [...requests.values()];
}

/** A check that stumbles over an odd object must not end the run; judge reports it. */
function readsOf(check: Check, artifacts: Artifacts): ReadRequest[] {
  try {
    return check.reads(artifacts);
  } catch {
    return [];
  }
}

/** A list of the same round answers a get of the same kind and namespace. */
function withoutCovered(requests: readonly ReadRequest[]): ReadRequest[] {
  const listed = new Set(
    requests.flatMap((one) =>
      one.verb === 'list' && !one.labelSelector && !one.fieldSelector ? [`${one.kind} ${one.namespace ?? ''}`] : [],
    ),
  );
  return requests.filter((one) => one.verb !== 'get' || !listed.has(`${one.kind} ${one.namespace ?? ''}`));
}

function read(reader: ClusterReader, request: ReadRequest, signal: AbortSignal | undefined): Promise<Read<unknown>> {
  switch (request.verb) {
    case 'get':
      return reader.get(request, signal);
    case 'list':
      return reader.list(request, signal);
    case 'logs':
      return reader.logs(request, signal);
    case 'probe':
      return reader.probe(request, signal);
  }
}

/**
 * @param reader where to read
 * @param target what the person asked about
 * @returns all that was read, in at most three rounds (four from a Service, an Ingress or a route), and two for what is late; probes, if allowed, come after
 */
export async function gather(reader: ClusterReader, target: Target, options: GatherOptions): Promise<Gathered> {
  const { checks = CHECKS, signal, progress } = options;
  const artifacts = createArtifacts(target, options.now);
  const ask = async (requests: readonly ReadRequest[]) => {
    progress?.(inWords(requests));
    const reads = requests.map(async (request) => artifacts.add(request, await read(reader, request, signal)));
    // What came before an abort still counts; the rest stays unread, and judge says so.
    await Promise.all(signal ? reads.map((one) => one.catch((error) => signal.aborted || Promise.reject(error))) : reads);
  };
  let rounds = 0;
  let offered: ReadRequest[] = [];
  for (;;) {
    const all = withoutCovered(wanted(artifacts, checks));
    const most = roundsFor(target);
    const passive = all.filter(({ verb, late }) => verb !== 'probe' && (rounds < most || late));
    offered = all.filter((request) => request.verb === 'probe');
    if (passive.length === 0 || rounds >= most + LATE_ROUNDS || signal?.aborted) break;
    rounds += 1;
    await ask(passive);
    // Ages are spans between two clocks: without this, a laptop that runs behind would take every fault for one that has just begun.
    const ahead = reader.requests.clockAhead ?? 0;
    if (Math.abs(ahead) > SAME_CLOCK) artifacts.setNow(new Date(Date.parse(options.now) + ahead).toISOString());
  }
  // The answer to one probe may call for another, or for a look at what explains it.
  for (let again = 0, next = offered; options.probe && next.length > 0 && again < PROBE_ROUNDS && !signal?.aborted; again++) {
    rounds += 1;
    await ask(next);
    next = wanted(artifacts, checks);
    offered = next.filter((request) => request.verb === 'probe');
  }
  return { artifacts, rounds, offered };
}

/** What a round reads, for the spinner. */
function inWords(requests: readonly ReadRequest[]): string {
  const names = [
    ...new Set(
      requests.map((request) => (request.verb === 'logs' ? 'logs' : request.verb === 'probe' ? 'the app itself' : `${request.kind}s`)),
    ),
  ];
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;
}
