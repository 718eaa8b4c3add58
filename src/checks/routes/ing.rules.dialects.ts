/** Annotations of another controller's dialect, and those that the own controller has dropped. Nobody says anything about them. */
import { AWS, INGRESS_NGINX, NGINX_ANNOTATION, TRAEFIK } from '../../kubernetes/ingress-controllers.ts';
import { listText } from '../../kubernetes/nearest.ts';
import { kubectl, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import type { Ruled } from './ing.rules.ts';
import { annotationPath } from './own.ts';

/** Prefixes of annotations, and the `spec.controller` strings of those who read them. */
const DIALECTS: readonly { readonly prefix: RegExp; readonly readBy: RegExp }[] = [
  { prefix: /^nginx\.ingress\.kubernetes\.io\//, readBy: INGRESS_NGINX },
  { prefix: /^nginx\.(org|com)\//, readBy: /^nginx\.org\// },
  { prefix: /^traefik\.ingress\.kubernetes\.io\//, readBy: TRAEFIK },
  { prefix: /^haproxy\.org\//, readBy: /^haproxy\.org\// },
  { prefix: /^haproxy-ingress\.github\.io\//, readBy: /^haproxy-ingress\.github\.io\// },
  { prefix: /^alb\.ingress\.kubernetes\.io\//, readBy: AWS },
  { prefix: /^(konghq|configuration\.konghq)\.com\//, readBy: /^ingress-controllers\.konghq\.com\// },
  { prefix: /^projectcontour\.io\//, readBy: /^projectcontour\.io\// },
  { prefix: /^appgw\.ingress\.kubernetes\.io\//, readBy: /^azure\// },
  { prefix: /^ingress\.cilium\.io\//, readBy: /^cilium\.io\// },
];

/** Without these the app gets other requests than it should, or none; the others tune. */
const DECISIVE =
  /\/(rewrite|rewrite-target|rewrites|app-root|use-regex|backend-protocol|server-ssl|ssl-services|grpc-services|websocket-services|upstream-vhost|ssl-passthrough|configuration-snippet|server-snippet|auth-|canary|permanent-redirect|temporal-redirect|from-to-www-redirect|denylist|whitelist|allowlist|router\.|path-rewrite|strip-path|target-type|listen-ports|scheme|conditions|actions)/;

/** Gone from ingress-nginx (cmd/plugin/lints/ingress.go), and what came instead. */
const REMOVED: Readonly<Record<string, { readonly instead?: string; readonly value?: string }>> = {
  'secure-backends': { instead: 'backend-protocol', value: 'HTTPS' },
  'grpc-backend': { instead: 'backend-protocol', value: 'GRPC' },
  'add-base-url': {},
  'base-url-scheme': {},
  'session-cookie-hash': {},
  'mirror-uri': { instead: 'mirror-target' },
};
const annotateCommand = ({ name, ref }: Ruled, ...changes: string[]) => [
  'annotate',
  'ingress',
  name,
  ...namespaceFlag(ref),
  ...changes,
  '--overwrite',
];

function foreign(ingress: Ruled): Report<'ingress-wrong-annotation-dialect'>[] {
  const { controller, known } = ingress;
  const annotations = ingress.ingress.metadata?.annotations ?? {};
  const keys = Object.keys(annotations).sort();
  const own = DIALECTS.find(({ readBy }) => readBy.test(controller ?? ''));
  if (!known || !own) return [];
  const strange = keys.filter((key) => !own.prefix.test(key) && DIALECTS.some(({ prefix }) => prefix.test(key)));
  if (strange.length === 0) return [];
  // Charts that are made for any controller bring the annotations of several: then those of this one say what is meant.
  const covered = keys.some((key) => own.prefix.test(key));
  const decisive = strange.filter((key) => DECISIVE.test(key));
  const told = decisive.length > 0 ? decisive : strange;
  const isMeant = decisive.length > 0 && !covered;
  return [
    {
      cause: 'ingress-wrong-annotation-dialect',
      severity: isMeant ? 'warning' : 'info',
      confidence: isMeant ? 'likely' : 'certain',
      object: ingress.ref,
      message: `Ingress ${ingress.name} is served by ${known.name}, which does not understand ${told.length === 1 ? 'its annotation' : 'its annotations'} ${listText(told, 4)}`,
      evidence: told.map((key) => seen(ingress.ref, annotationPath(key), annotations[key])),
      remedies: [
        kubectl(
          annotateCommand(
            ingress,
            ...told.map((key) => `${key}-`),
            ...(isMeant ? [`<annotation of ${known.name.toLowerCase()}>=<value>`] : []),
          ),
          isMeant ? `Says the same in the words of ${known.name}.` : `Takes away what ${known.name} does not read.`,
        ),
      ],
    },
  ];
}

function removed(ingress: Ruled): Report<'ingress-wrong-annotation-dialect'>[] {
  if (!/^k8s\.io\/ingress-nginx/.test(ingress.controller ?? '')) return [];
  const annotations = ingress.ingress.metadata?.annotations ?? {};
  return Object.entries(REMOVED).flatMap(([name, { instead, value }]) => {
    const key = NGINX_ANNOTATION + name;
    const given = annotations[key];
    // Where what came instead is there too, the old one is only left over.
    if (given === undefined || given === 'false' || (instead && annotations[NGINX_ANNOTATION + instead] !== undefined)) return [];
    return [
      {
        cause: 'ingress-wrong-annotation-dialect' as const,
        severity: instead ? ('warning' as const) : ('info' as const),
        confidence: 'certain' as const,
        object: ingress.ref,
        message: `Ingress ${ingress.name} has the annotation ${key}, which ingress-nginx no longer knows${instead ? `; it is ${NGINX_ANNOTATION}${instead} now` : ''}`,
        evidence: [seen(ingress.ref, annotationPath(key), given)],
        remedies: [
          kubectl(
            annotateCommand(ingress, `${key}-`, ...(instead ? [`${NGINX_ANNOTATION}${instead}=${value ?? given}`] : [])),
            instead ? `Says the same by ${NGINX_ANNOTATION}${instead}.` : 'Takes away what is not read.',
          ),
        ],
      },
    ];
  });
}

/** @returns which annotations of the Ingress its controller passes over. */
export const foreignAnnotations = (_: Artifacts, ingress: Ruled): Report<'ingress-wrong-annotation-dialect'>[] => [
  ...foreign(ingress),
  ...removed(ingress),
];
