/** A rewrite-target of ingress-nginx that does not fit the paths it stands for (cmd/plugin/lints/ingress.go). */
import { INGRESS_NGINX, NGINX_ANNOTATION } from '../../kubernetes/ingress-controllers.ts';
import { jsonPatch, type PatchOperation } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { annotate, beginningOf, ownEntries } from './ing.rules.paths.ts';
import type { Ruled } from './ing.rules.ts';
import { annotationPath, fieldPath } from './own.ts';

const TARGET = `${NGINX_ANNOTATION}rewrite-target`;

/** @returns how many groups a regular expression captures. */
const groupsOf = (path: string): number => (path.match(/(?<!\\)\((?!\?)/g) ?? []).length;

/** @returns the highest group that the target refers to. */
const highestOf = (target: string): number => Math.max(0, ...[...target.matchAll(/\$(\d)/g)].map(([, digit]) => Number(digit)));

/** @returns for each target and path of the walk that do not fit. */
export function rewrite(_: Artifacts, ingress: Ruled): Report<'ingress-rewrite-mistake'>[] {
  const target = ingress.ingress.metadata?.annotations?.[TARGET];
  if (target === undefined || !INGRESS_NGINX.test(ingress.controller ?? '')) return [];
  const highest = highestOf(target);
  const wrong = ownEntries(ingress).filter(({ path }) => {
    const own = path.path ?? '/';
    return highest > 0
      ? groupsOf(own) < highest
      : groupsOf(own) === 0 && own !== '/' && path.pathType !== 'Exact' && target.startsWith('/');
  });
  const [first] = wrong;
  if (!first) return [];
  const paths = wrong.map(({ path }) => path.path ?? '/');
  const groups = groupsOf(paths[0]!);
  // The annotation stands for the whole Ingress: every path gets the same two groups.
  const operations = ownEntries(ingress).flatMap(({ pointer, path }): PatchOperation[] => [
    { op: 'replace', path: `${pointer}/path`, value: `${beginningOf(path.path ?? '/').replace(/^\/$/, '')}(/|$)(.*)` },
    ...(path.pathType === 'ImplementationSpecific'
      ? []
      : [{ op: 'replace' as const, path: `${pointer}/pathType`, value: 'ImplementationSpecific' }]),
  ]);
  return [
    {
      cause: 'ingress-rewrite-mistake',
      severity: highest > 0 ? 'error' : 'warning',
      confidence: highest > 0 ? 'certain' : 'likely',
      object: ingress.ref,
      message:
        highest > 0
          ? `Ingress ${ingress.name} rewrites to ${target}, and its path ${paths[0]} has ${groups === 0 ? 'no capture group' : `${groups} capture group${groups === 1 ? '' : 's'}`}: what $${highest} stands for is always empty`
          : `Ingress ${ingress.name} rewrites to ${target} without a capture group: whatever is asked below ${paths[0]}, the app gets ${target}`,
      evidence: [
        seen(ingress.ref, annotationPath(TARGET), target),
        ...wrong.map(({ pointer, path }) => seen(ingress.ref, `${fieldPath(pointer)}.path`, path.path)),
      ],
      remedies:
        ingress.others.length > 0
          ? []
          : [
              jsonPatch(
                ingress.ref,
                [...operations, ...annotate(ingress, { [`${NGINX_ANNOTATION}use-regex`]: 'true', [TARGET]: '/$2' })],
                'Gives the app what comes after the beginning of the path.',
              ),
            ],
    },
  ];
}
