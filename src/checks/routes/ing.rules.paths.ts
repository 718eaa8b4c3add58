/** Rules that take no request, or another one than was meant, whatever is asked. */
import { INGRESS_NGINX, NGINX_ANNOTATION, TRAEFIK } from '../../kubernetes/ingress-controllers.ts';
import { type Entry, entriesOf, passesOverDefault, usesRegex } from '../../kubernetes/ingress-paths.ts';
import { nearest } from '../../kubernetes/nearest.ts';
import { jsonPatch, look, namespaceFlag, type PatchOperation, pointerPart } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import type { Ruled } from './ing.rules.ts';
import { annotationPath, fieldPath } from './own.ts';
import { covers } from './tls-secrets.ts';

/** @returns the entries that lead to Services of the walk. */
export const ownEntries = ({ ingress, backends }: Ruled): Entry[] =>
  entriesOf([ingress]).filter(({ pointer }) => backends.some((backend) => backend.pointer === `${pointer}/backend`));

const isNginx = ({ controller }: Ruled): boolean => INGRESS_NGINX.test(controller ?? '');

/** Signs that stand in no path that a browser asks for, but in regular expressions and patterns. */
const PATTERN = /[()[\]{}^$|\\*+?]/;
const GLOB = /^[^()[\]{}^$|\\*+?]*\*$/;

/** The plain beginning of a pattern: `/app(/|$)(.*)` and `/app/*` -> `/app`. */
export const beginningOf = (path: string): string => path.replace(/[()[\]{}^$|\\*+?.].*$/, '').replace(/\/$/, '') || '/';

function change({ pointer, path }: Entry, to: { path?: string; pathType: string }): PatchOperation[] {
  return [
    ...(to.path === undefined || to.path === path.path ? [] : [{ op: 'replace' as const, path: `${pointer}/path`, value: to.path }]),
    ...(to.pathType === path.pathType ? [] : [{ op: 'replace' as const, path: `${pointer}/pathType`, value: to.pathType }]),
  ];
}

/** Sets annotations of an object that may have none yet. */
export function annotate({ ingress }: Pick<Ruled, 'ingress'>, values: Readonly<Record<string, string>>): PatchOperation[] {
  const has = ingress.metadata?.annotations !== undefined;
  return has
    ? Object.entries(values).map(([key, value]) => ({ op: 'add' as const, path: `/metadata/annotations/${pointerPart(key)}`, value }))
    : [{ op: 'add', path: '/metadata/annotations', value: values }];
}

function asPattern(ingress: Ruled, entry: Entry): Report<'ingress-path-not-matched'>[] {
  const { path = '/', pathType = '' } = entry.path;
  if (!PATTERN.test(path)) return [];
  const byType = pathType === 'Exact' || pathType === 'Prefix';
  const literal = byType || TRAEFIK.test(ingress.controller ?? '') || (isNginx(ingress) && !usesRegex(ingress.ingress));
  // Only these two are known to read a path of no type of its own letter by letter; others have patterns of their own.
  if (!literal || (!byType && ingress.known === undefined)) return [];
  const regex = isNginx(ingress) && !GLOB.test(path);
  const told = isNginx(ingress) && byType && usesRegex(ingress.ingress);
  return [
    {
      cause: 'ingress-path-not-matched',
      severity: told ? 'warning' : 'error',
      confidence: told ? 'likely' : 'certain',
      object: ingress.ref,
      message: told
        ? `Ingress ${ingress.name} has the regular expression ${path} as a path of type ${pathType}; ingress-nginx takes one in a path of type ImplementationSpecific only`
        : `Ingress ${ingress.name} has the pattern ${path} as a path of type ${pathType}, which ${byType || !ingress.known ? 'is compared letter by letter' : `${ingress.known.name} compares letter by letter`}: it covers no request that is meant`,
      evidence: [
        seen(ingress.ref, `${fieldPath(entry.pointer)}.path`, path),
        seen(ingress.ref, `${fieldPath(entry.pointer)}.pathType`, pathType),
      ],
      remedies: [
        regex
          ? jsonPatch(
              ingress.ref,
              [
                ...change(entry, { pathType: 'ImplementationSpecific' }),
                ...annotate(ingress, { [`${NGINX_ANNOTATION}use-regex`]: 'true' }),
              ],
              'Has ingress-nginx read the paths of this Ingress as regular expressions.',
            )
          : jsonPatch(
              ingress.ref,
              change(entry, { path: beginningOf(path), pathType: 'Prefix' }),
              `Covers ${beginningOf(path)} and everything below it.`,
            ),
      ],
    },
  ];
}

/** @returns for each own path that is a pattern where none is read. */
export const unmatchable = (_: Artifacts, ingress: Ruled): Report<'ingress-path-not-matched'>[] =>
  ownEntries(ingress).flatMap((entry) => asPattern(ingress, entry));

/** @returns what is wrong with rules without paths, and with default backends. */
export function defaultOnly(_: Artifacts, ingress: Ruled): Report<'ingress-default-backend-only'>[] {
  const { rules = [], defaultBackend } = ingress.ingress.spec ?? {};
  const base = { cause: 'ingress-default-backend-only' as const, confidence: 'certain' as const, object: ingress.ref };
  const to = defaultBackend?.service?.name;
  const isOwnDefault = ingress.backends.some(({ pointer }) => pointer === '/spec/defaultBackend');
  const defaultSeen = seen(ingress.ref, 'spec.defaultBackend.service.name', to);
  const bare = rules.flatMap((rule, index) => ((rule.http?.paths ?? []).length === 0 ? [{ host: rule.host ?? '', index }] : []));
  const passed = passesOverDefault(ingress.controller);
  if (rules.length === 0)
    return isOwnDefault
      ? [
          {
            ...base,
            severity: 'info',
            message: `Ingress ${ingress.name} has no rules: Service ${to} gets the requests for every host and path that no other Ingress claims`,
            evidence: [defaultSeen],
          },
        ]
      : [];
  if (bare.length > 0 && (passed || !defaultBackend)) {
    const backend = (defaultBackend ?? ingress.backends[0]) ? serviceOf(ingress) : undefined;
    return bare.map(({ host, index }) => ({
      ...base,
      severity: 'error',
      message: `Ingress ${ingress.name} has no paths for ${host || 'its rule without a host'}, ${defaultBackend ? `and ${ingress.known?.name} passes over the default backend of an Ingress that has rules` : 'and no default backend'}: the controller answers 404`,
      evidence: [
        absent(ingress.ref, `spec.rules[${index}].http`),
        ...(defaultBackend ? [defaultSeen] : [absent(ingress.ref, 'spec.defaultBackend')]),
      ],
      remedies: [
        jsonPatch(
          ingress.ref,
          [
            {
              op: 'add',
              path: `/spec/rules/${index}/http`,
              value: { paths: [{ path: '/', pathType: 'Prefix', backend: backend ?? PLACEHOLDER }] },
            },
          ],
          `Sends all requests for ${host || 'any host'} to ${backend ? `Service ${backend.service.name}` : 'a Service'}.`,
        ),
      ],
    }));
  }
  if (!passed || !isOwnDefault || !defaultBackend) return [];
  const open = rules.flatMap((rule, index) =>
    (rule.http?.paths ?? []).some(({ path }) => path === '/') ? [] : [{ host: rule.host ?? '', index }],
  );
  if (open.length === 0) return [];
  return [
    {
      ...base,
      severity: 'error',
      message: `Ingress ${ingress.name} has rules and the default backend ${to}, which ${ingress.known?.name} passes over: what no rule takes gets 404`,
      evidence: [defaultSeen, ...open.map(({ host, index }) => seen(ingress.ref, `spec.rules[${index}].host`, host))],
      remedies: [
        jsonPatch(
          ingress.ref,
          open.map(({ index }) => ({
            op: 'add',
            path: `/spec/rules/${index}/http/paths/-`,
            value: { path: '/', pathType: 'Prefix', backend: defaultBackend },
          })),
          `Sends what no other path takes to Service ${to}, as a rule.`,
        ),
      ],
    },
  ];
}

const PLACEHOLDER = { service: { name: '<service>', port: { number: '<port>' } } };

function serviceOf({ backends }: Ruled): { service: { name: string; port: object } } | undefined {
  const [only, ...others] = [...new Map(backends.map((one) => [one.service, one])).values()];
  return only && others.length === 0 ? { service: { name: only.service, port: only.port } } : undefined;
}

/** Where a host is named beside the rules: for the certificate, and for the DNS record that external-dns makes. */
const EXTERNAL_DNS = 'external-dns.alpha.kubernetes.io/hostname';

/** @returns for each host of a certificate or DNS record that is a letter away from the host of a rule, which nothing else names. */
export function hostsApart(_: Artifacts, ingress: Ruled): Report<'ingress-host-mismatch'>[] {
  const { rules = [], tls = [] } = ingress.ingress.spec ?? {};
  const served = rules.flatMap(({ host }, index) => (host ? [{ host, index }] : []));
  if (served.length === 0 || served.length < rules.length) return [];
  const certified = tls.flatMap(({ hosts = [] }, t) =>
    hosts.map((host, h) => ({ host, path: `spec.tls[${t}].hosts[${h}]`, what: 'has a certificate for' })),
  );
  const published = (ingress.ingress.metadata?.annotations?.[EXTERNAL_DNS] ?? '')
    .split(',')
    .map((host) => host.trim())
    .filter(Boolean)
    .map((host) => ({ host, path: annotationPath(EXTERNAL_DNS), what: 'asks external-dns for the name' }));
  return [certified, published].flatMap((group) => {
    const alone = served.filter(({ host }) => !group.some((one) => covers(one.host, host)));
    return group
      .filter(({ host }) => !served.some((one) => covers(one.host, host) || covers(host, one.host)))
      .flatMap(({ host, path, what }) => {
        const near = nearest(
          host,
          alone.map((one) => one.host),
          0.3,
        );
        const rule = alone.find((one) => one.host === near);
        if (!rule) return [];
        return [
          {
            cause: 'ingress-host-mismatch' as const,
            severity: 'warning' as const,
            confidence: 'likely' as const,
            object: ingress.ref,
            message: `Ingress ${ingress.name} ${what} ${host}, and its rule is for ${rule.host}: no rule takes requests for ${host}`,
            evidence: [
              seen(ingress.ref, path, path.startsWith('spec') ? host : ingress.ingress.metadata?.annotations?.[EXTERNAL_DNS]),
              seen(ingress.ref, `spec.rules[${rule.index}].host`, rule.host),
            ],
            remedies: [
              jsonPatch(
                ingress.ref,
                [{ op: 'replace', path: `/spec/rules/${rule.index}/host`, value: host }],
                `Makes the rule for ${host}. If ${rule.host} is the right name, correct the other place instead.`,
              ),
            ],
            nextChecks: [
              look(['describe', 'ingress', ingress.name, ...namespaceFlag(ingress.ref)], 'the hosts of its rules and certificates'),
            ],
          },
        ];
      });
  });
}
