/** Annotations whose value the controller does not take: by what it says in an event, by what it was started with, or by the form of the value. */
import { INGRESS_NGINX, NGINX_ANNOTATION, TRAEFIK, TRAEFIK_ANNOTATION } from '../../kubernetes/ingress-controllers.ts';
import { listText, nearest } from '../../kubernetes/nearest.ts';
import { kubectl, look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Remedy, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { eventEvidence } from '../pods/containers.ts';
import { eventsOf } from '../subject.ts';
import { argumentEvidence, controllerPods } from './controllers.ts';
import { externalNameBackends } from './ing.rules.services.ts';
import type { Ruled } from './ing.rules.ts';
import { annotationPath } from './own.ts';

type Rejected = Report<'ingress-annotation-rejected'>;

const ENTRYPOINTS = `${TRAEFIK_ANNOTATION}router.entrypoints`;
const MIDDLEWARES = `${TRAEFIK_ANNOTATION}router.middlewares`;
const PRIORITY = `${TRAEFIK_ANNOTATION}router.priority`;

const isTraefik = ({ controller }: Ruled): boolean => TRAEFIK.test(controller ?? '');
const valueIn = ({ ingress }: Ruled, key: string): string | undefined => ingress.metadata?.annotations?.[key];

const parts = (value: string | undefined): string[] =>
  (value ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);

/** @returns whether what the controller was started with must be known to judge this Ingress. */
export const asksForStart = (a: Artifacts, ingress: Ruled): boolean =>
  isTraefik(ingress) &&
  (valueIn(ingress, ENTRYPOINTS) !== undefined ||
    parts(valueIn(ingress, MIDDLEWARES)).some((one) => one.endsWith('@kubernetescrd')) ||
    externalNameBackends(a, ingress).length > 0);

/** The arguments of a Pod of the controller, in lower case: Traefik does not tell `allowExternalNameServices` from `allowexternalnameservices`. */
export interface Started {
  readonly args: readonly string[];
  /** @returns the arguments that begin like this: others may hold what is nobody's business. */
  readonly evidence: (beginning: string) => Evidence[];
}

/** @returns what the controller was started with; undefined: not read, or told by a file or by variables. */
export function startOf(a: Artifacts, { controller }: Ruled): Started | undefined {
  const pod = controllerPods(a, controller)?.[0];
  const container = pod?.spec?.containers?.find(({ args = [] }) =>
    args.some((arg) => arg.startsWith('--providers.') || arg.startsWith('--entry')),
  );
  const args = container?.args;
  if (!pod || !args || args.some((arg) => /^--configfile/i.test(arg))) return undefined;
  return {
    args: args.map((arg) => arg.toLowerCase()),
    evidence: (beginning) => argumentEvidence(pod, container, beginning),
  };
}

const set = ({ name, ref }: Ruled, key: string, value: string, changes: string): Remedy =>
  kubectl(['annotate', 'ingress', name, ...namespaceFlag(ref), value === '' ? `${key}-` : `${key}=${value}`, '--overwrite'], changes);

const rejection = (ingress: Ruled, key: string, says: string, more: Partial<Rejected> = {}): Rejected => ({
  cause: 'ingress-annotation-rejected',
  severity: 'error',
  confidence: 'certain',
  object: ingress.ref,
  message: `Ingress ${ingress.name} has ${valueIn(ingress, key)} in the annotation ${key}; ${says}`,
  ...more,
  evidence: [seen(ingress.ref, annotationPath(key), valueIn(ingress, key)), ...(more.evidence ?? [])],
});

function entrypoints(a: Artifacts, ingress: Ruled): Rejected[] {
  const started = startOf(a, ingress);
  const asked = parts(valueIn(ingress, ENTRYPOINTS));
  if (!started || asked.length === 0) return [];
  const there = [...new Set(started.args.flatMap((arg) => /^--entrypoints\.([^.=]+)\.address/.exec(arg)?.[1] ?? []))];
  const wrong = asked.filter((one) => !there.includes(one.toLowerCase()));
  if (there.length === 0 || wrong.length === 0) return [];
  const none = wrong.length === asked.length;
  const near = nearest(wrong[0]!, there);
  const usable = there.filter((one) => /^web/.test(one));
  const right = none ? (near === undefined ? usable : [near]) : asked.filter((one) => !wrong.includes(one));
  return [
    rejection(
      ingress,
      ENTRYPOINTS,
      `Traefik has no entry point ${listText(wrong)}, only ${listText(there)}${none ? ', and serves the Ingress on none' : ''}`,
      {
        severity: none ? 'error' : 'warning',
        evidence: started.evidence('--entrypoints.'),
        remedies: [
          set(
            ingress,
            ENTRYPOINTS,
            right.length > 0 ? right.join(',') : '<entry point>',
            `Serves the Ingress on ${right.length > 0 ? listText(right) : 'an entry point that exists'}.`,
          ),
        ],
      },
    ),
  ];
}

function middlewares(a: Artifacts, ingress: Ruled): Rejected[] {
  const asked = parts(valueIn(ingress, MIDDLEWARES));
  const bare = asked.filter((one) => !one.includes('@'));
  const remedies = [set(ingress, MIDDLEWARES, '', 'Serves the Ingress without a middleware.')];
  if (bare.length > 0)
    return [
      rejection(
        ingress,
        MIDDLEWARES,
        `a Middleware of the namespace is written ${ingress.ref.namespace}-${bare[0]}@kubernetescrd, and Traefik serves nothing for which a middleware is missing`,
        {
          remedies: [
            set(
              ingress,
              MIDDLEWARES,
              asked.map((one) => (one.includes('@') ? one : '<namespace-name@kubernetescrd>')).join(','),
              'Names the Middleware as Traefik does.',
            ),
          ],
        },
      ),
    ];
  const started = startOf(a, ingress);
  const custom = asked.filter((one) => one.endsWith('@kubernetescrd'));
  if (!started || custom.length === 0 || started.args.some((arg) => arg.startsWith('--providers.kubernetescrd'))) return [];
  return [
    rejection(
      ingress,
      MIDDLEWARES,
      'Traefik was started without --providers.kubernetescrd, knows no such middleware, and serves nothing for which one is missing',
      { evidence: started.evidence('--providers.'), remedies },
    ),
  ];
}

function priority(ingress: Ruled): Rejected[] {
  const value = valueIn(ingress, PRIORITY);
  if (value === undefined || /^-?\d+$/.test(value)) return [];
  return [
    rejection(ingress, PRIORITY, 'Traefik takes a whole number there, and else passes over the whole Ingress', {
      remedies: [set(ingress, PRIORITY, '', 'Leaves the priority to the length of the rule.')],
    }),
  ];
}

interface Form {
  readonly form: RegExp;
  readonly says: string;
  /** The right form of a value that only one thing can be meant by. */
  readonly meant?: (value: string) => string | undefined;
}

const SECONDS: Form = {
  form: /^\d+$/,
  says: 'a number of seconds without a unit',
  meant: (value) => {
    const [, number = '', unit = 's'] = /^(\d+)\s*(s|m|min)?$/i.exec(value.trim()) ?? [];
    return number === '' ? undefined : String(Number(number) * (/^m/i.test(unit) ? 60 : 1));
  },
};
const FLAG: Form = {
  form: /^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/,
  says: 'true or false',
  meant: (value) => (/^(yes|on|enabled?)$/i.test(value) ? 'true' : /^(no|off|disabled?)$/i.test(value) ? 'false' : undefined),
};
const SIZE: Form = {
  form: /^\d+[bkmgBKMG]?$/,
  says: 'a number with k, m or g',
  meant: (value) => {
    const [, number, unit] = /^(\d+)\s*([kmg])i?b?$/i.exec(value.trim()) ?? [];
    return number && unit ? `${number}${unit.toLowerCase()}` : undefined;
  },
};

/** Forms that ingress-nginx demands (internal/ingress/annotations). */
const FORMS: Readonly<Record<string, Form>> = {
  'proxy-connect-timeout': SECONDS,
  'proxy-read-timeout': SECONDS,
  'proxy-send-timeout': SECONDS,
  'proxy-body-size': SIZE,
  'proxy-buffer-size': SIZE,
  'ssl-redirect': FLAG,
  'force-ssl-redirect': FLAG,
  'ssl-passthrough': FLAG,
  'use-regex': FLAG,
  'enable-cors': FLAG,
  'backend-protocol': { form: /^(HTTP|HTTPS|AUTO_HTTP|GRPC|GRPCS|FCGI)$/i, says: 'HTTP, HTTPS, AUTO_HTTP, GRPC, GRPCS or FCGI' },
};

function forms(ingress: Ruled): Rejected[] {
  if (!INGRESS_NGINX.test(ingress.controller ?? '')) return [];
  return Object.entries(FORMS).flatMap(([name, { form, says, meant }]) => {
    const key = NGINX_ANNOTATION + name;
    const value = valueIn(ingress, key);
    if (value === undefined || form.test(value.trim())) return [];
    const right = meant?.(value);
    return [
      rejection(ingress, key, `ingress-nginx takes ${says}, and goes on as if the annotation were not there`, {
        severity: 'warning',
        remedies: [set(ingress, key, right ?? '<value>', right === undefined ? `Gives it ${says}.` : `Says ${right}.`)],
      }),
    ];
  });
}

/** Of ingress-nginx, in its own words (internal/ingress/controller/store/store.go). */
function byEvent(a: Artifacts, ingress: Ruled): Rejected[] {
  const event = eventsOf(a, ingress.ingress).findLast(({ reason }) => reason === 'AnnotationParsingFailed');
  if (!event) return [];
  const why = (event.message ?? '').replace(/^Error parsing annotations:\s*/, '');
  const [, key] = /([\w.-]+\/[\w.-]+|[a-z]+(?:-[a-z]+)+) (?:annotation|contains)/.exec(why) ?? [];
  return [
    {
      cause: 'ingress-annotation-rejected',
      severity: 'error',
      confidence: 'certain',
      object: ingress.ref,
      message: `ingress-nginx does not accept the annotations of Ingress ${ingress.name}: ${why}`,
      evidence: [eventEvidence(event)],
      nextChecks: [
        look(
          ['get', 'ingress', ingress.name, ...namespaceFlag(ingress.ref), '-o', 'yaml'],
          key ? `the annotation ${key}` : 'its annotations',
        ),
      ],
    },
  ];
}

/** @returns which annotations of the Ingress its controller does not accept. */
export const rejected = (a: Artifacts, ingress: Ruled): Rejected[] => [
  ...byEvent(a, ingress),
  ...(isTraefik(ingress) ? [...entrypoints(a, ingress), ...middlewares(a, ingress), ...priority(ingress)] : []),
  ...forms(ingress),
];
