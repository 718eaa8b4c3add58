/** Log lines about what the container was told - flags, memory, rights - joined with the spec. */
import { memoryQuantity, parseQuantity } from '../../kubernetes/quantity.ts';
import { kubectl, look } from '../../kubernetes/template.ts';
import { seen } from '../answers.ts';
import { append, changeContainer, changeSpec, inWords, type PodContainer } from './containers.ts';
import { memoryLimit, moreMemory, quote } from './crash-codes.ts';
import type { SpokenCrash, Tale } from './crash-story.ts';
import { captured } from './log-pattern.ts';

// ------------------------------------------------------------------------------------------------------------ flags

/** The program does not know an argument that it is given. */
export function badFlag({ container, found }: SpokenCrash): Tale {
  const flag = captured(found.match, 'flag');
  const list = (['args', 'command'] as const).find((one) => (container.place.container[one] ?? []).some((word) => isFlag(word, flag)));
  const words = (list && container.place.container[list]) ?? [];
  const index = words.findIndex((word) => isFlag(word, flag));
  if (!flag || !list || index < 0) return { message: `${inWords(container)} does not know the flag ${flag ?? 'that it is given'}` };
  const word = words[index]!;
  const next = words[index + 1];
  // A flag with a value (`--port=80`, `--port 80`) is there for a purpose: without it the program may start, and do the wrong thing.
  const alone = !word.includes('=') && (next === undefined || next.startsWith('-'));
  const known = container.source?.container[list]?.[index] === word;
  return {
    message: `${inWords(container)} is started with ${flag}, which its program does not know`,
    evidence: [seen(container.ref, `${container.specPath}.${list}[${index}]`, word)],
    remedies: known
      ? [
          ...changeContainer(container, [{ op: 'replace', path: `/${list}/${index}`, value: '<flag>' }], 'Gives the flag its right name.'),
          ...(alone
            ? changeContainer(container, [{ op: 'remove', path: `/${list}/${index}` }], `Starts it without ${flag}; rolls out new Pods.`)
            : []),
        ]
      : [],
  };
}

/** `-z`, `--z=1`, `-z1`: the word is the flag, or the flag with its value. */
function isFlag(word: string, flag: string | undefined): boolean {
  if (!flag || !word.startsWith('-')) return false;
  const bare = flag.replace(/^-+/, '');
  const own = word.replace(/^-+/, '');
  return own === bare || own.startsWith(`${bare}=`) || (bare.length === 1 && !word.startsWith('--') && own.startsWith(bare));
}

// ----------------------------------------------------------------------------------------------------------- memory

const HEAPS: Readonly<Record<string, { what: string; variable: string; value: (limit: number) => string }>> = {
  'log-oom-jvm': { what: 'its Java heap', variable: 'JAVA_TOOL_OPTIONS', value: () => '-XX:MaxRAMPercentage=75' },
  'log-oom-node': {
    what: 'its JavaScript heap',
    variable: 'NODE_OPTIONS',
    value: (limit) => `--max-old-space-size=${Math.floor((limit * 0.75) / 2 ** 20)}`,
  },
};

/** The program says itself that memory has run out, before the kernel does. */
export function outOfMemory({ container, found }: SpokenCrash): Tale {
  const limit = memoryLimit(container);
  const bytes = parseQuantity(limit?.value);
  const heap = HEAPS[found.row.id];
  const has = (container.place.container.env ?? []).some(({ name }) => name === heap?.variable);
  const bound =
    heap && bytes !== undefined && !has
      ? changeContainer(
          container,
          [
            { op: 'replace', path: '/resources/limits/memory', value: memoryQuantity(2 * bytes) },
            append(container.source?.container.env, '/env', { name: heap.variable, value: heap.value(2 * bytes) }),
          ],
          `Doubles the memory limit and lets the heap use three quarters of it (${heap.variable}); rolls out new Pods.`,
        )
      : [];
  return {
    message: `${inWords(container)} ran out of memory${heap ? ` in ${heap.what}` : ''}${limit ? `; its limit is ${limit.value}` : ''}`,
    evidence: limit ? [seen(container.ref, limit.path, limit.value)] : [],
    remedies: [...(container.source?.container.resources?.limits?.memory ? bound : []), ...moreMemory(container)],
  };
}

// ------------------------------------------------------------------------------------------------------------- RBAC

/** What the built-in role `view` may read (plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go); never Secrets. */
const VIEWABLE =
  /^(?:pods|services|endpoints|endpointslices|configmaps|events|persistentvolumeclaims|serviceaccounts|deployments|replicasets|statefulsets|daemonsets|jobs|cronjobs|ingresses|horizontalpodautoscalers|poddisruptionbudgets|networkpolicies|resourcequotas|limitranges)(?:\/(?:log|status))?$/;

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

/** The application asks the API server for something that its ServiceAccount may not do. */
export function apiForbidden(crash: SpokenCrash): Tale {
  const { container, found, a } = crash;
  const [said, verb = '', resource = '', scope] = ['sa', 'verb', 'res', 'scope'].map((stem) => captured(found.match, stem));
  const account = container.pod.spec?.serviceAccountName ?? 'default';
  const evidence = [seen(container.ref, 'spec.serviceAccountName', account)];
  if (said === undefined) return noToken(container);
  // The line is only believed where it speaks of the Pod's own account, and of a verb and a resource that can exist.
  if (said !== account || !VERBS.includes(verb) || !/^[a-z][a-z0-9./-]*$/.test(resource))
    return { message: `${inWords(container)} is refused by the API server${quote(crash).text}`, evidence };
  const namespace = a.target.namespace;
  const wide = scope !== undefined;
  const name = `${account}-${verb}-${resource.replace(/\W/g, '-')}`;
  const subject = `--serviceaccount=${namespace}:${account}`;
  const where = wide ? [] : ['-n', namespace];
  const bind = wide ? 'clusterrolebinding' : 'rolebinding';
  const view = ['get', 'list', 'watch'].includes(verb) && VIEWABLE.test(resource);
  const bound = `kubectl ${['create', bind, name, ...where, `--${wide ? 'clusterrole' : 'role'}=${name}`, subject].join(' ')}`;
  return {
    message: `ServiceAccount ${account} of ${inWords(container)} may not ${verb} ${resource}${wide ? ' in the whole cluster' : ''}`,
    evidence,
    remedies: [
      ...(view
        ? [
            kubectl(
              ['create', bind, `${account}-view`, ...where, '--clusterrole=view', subject],
              `Lets the ServiceAccount read most objects of the ${wide ? 'cluster' : 'namespace'}, but no Secrets.`,
            ),
          ]
        : []),
      {
        ...kubectl(
          ['create', wide ? 'clusterrole' : 'role', name, ...where, `--verb=${verb}`, `--resource=${resource}`],
          `Makes a role for exactly this. Then bind it: ${bound}`,
        ),
        complete: false,
      },
    ],
    nextChecks: [
      look(
        ['auth', 'can-i', verb, resource, ...where, `--as=system:serviceaccount:${namespace}:${account}`],
        'Says whether the ServiceAccount may.',
      ),
    ],
  };
}

function noToken(container: PodContainer): Tale {
  const off = container.pod.spec?.automountServiceAccountToken === false;
  return {
    message: `${inWords(container)} cannot sign in to the API server${off ? ': its Pod mounts no ServiceAccount token' : ''}`,
    evidence: off ? [seen(container.ref, 'spec.automountServiceAccountToken', false)] : [],
    remedies:
      off && container.source
        ? changeSpec(
            container,
            [{ op: 'add', path: '/automountServiceAccountToken', value: true }],
            'Mounts the token; rolls out new Pods.',
          )
        : [],
  };
}
