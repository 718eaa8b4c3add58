/** Look-alikes of the image questions (failure catalogue, section 22). */
import { type Starting, starting } from '../../src/checks/pods/testing-start.ts';
import { type Cluster, meta } from '../../src/checks/testing.ts';
import type { Group } from './group.ts';

/** What Docker Hub answers both for a name that is wrong and for a repository that is private. */
const DENIED =
  'failed to pull and unpack image "docker.io/acme/cart:1.4": failed to resolve reference "docker.io/acme/cart:1.4": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';
const UNAUTHORIZED =
  'failed to pull and unpack image "ghcr.io/acme/cart:1.4": failed to resolve reference "ghcr.io/acme/cart:1.4": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aacme%2Fcart%3Apull&service=ghcr.io: 401 Unauthorized';

const pull = (image: string, message: string, parts: Starting = {}): Cluster =>
  starting({
    ...parts,
    container: { image, ...parts.container },
    web: { state: { waiting: { reason: 'ErrImagePull', message } } },
    events: [
      ['Failed', `Failed to pull image "${image}": ${message}`, '2026-11-24T09:59:50Z', 'web'],
      ['Failed', 'Error: ErrImagePull', '2026-11-24T09:59:50Z', 'web'],
    ],
  });
const never: Cluster = starting({
  container: { image: 'shop/cart:2.3', imagePullPolicy: 'Never' },
  web: {
    state: {
      waiting: { reason: 'ErrImageNeverPull', message: 'Container image "shop/cart:2.3" is not present with pull policy of Never' },
    },
  },
});
const withSecretFor = (host: string): Starting => ({
  spec: { imagePullSecrets: [{ name: 'registry' }] },
  more: [{ kind: 'Secret', metadata: meta('registry'), type: 'kubernetes.io/dockerconfigjson', registries: [host] }],
});

export const IMAGE: readonly Group[] = [
  {
    row: 1,
    confused: 'ImagePullBackOff: wrong name / private repository',
    sides: [
      ['no pull Secret: undecidable, and said so', 'image-repository-not-found', 'image-repository-not-found'],
      ['in the words of containerd', pull('acme/cart:1.4', DENIED), 'image-repository-not-found'],
      ['the pull Secret is for another host, recorded', 'image-pull-secret-wrong', 'image-pull-secret-wrong'],
      ['the pull Secret is for another host', pull('acme/cart:1.4', DENIED, withSecretFor('ghcr.io')), 'image-pull-secret-wrong'],
      [
        'the pull Secret is for that host: either of the two is wrong, and nobody can say which',
        pull('acme/cart:1.4', DENIED, withSecretFor('https://index.docker.io/v1/')),
        'image-repository-not-found',
      ],
      ['a pull Secret that is not there', 'image-pull-secret-not-found', 'image-pull-secret-not-found'],
      ['401: the registry wants credentials', pull('ghcr.io/acme/cart:1.4', UNAUTHORIZED), 'image-pull-auth-missing'],
    ],
  },
  {
    row: 2,
    confused: 'tag not found / no match for platform',
    sides: [
      ['the tag, recorded', 'image-tag-not-found', 'image-tag-not-found'],
      [
        'the tag, in the words of containerd',
        pull(
          'acme/cart:1.4',
          'failed to pull and unpack image "docker.io/acme/cart:1.4": failed to resolve reference "docker.io/acme/cart:1.4": docker.io/acme/cart:1.4: not found',
        ),
        'image-tag-not-found',
      ],
      [
        'the platform, in the words of containerd, which end in the same',
        pull(
          'acme/cart:1.4',
          'failed to pull and unpack image "docker.io/acme/cart:1.4": no match for platform in manifest sha256:ab12: not found',
        ),
        'image-platform-mismatch',
      ],
    ],
  },
  {
    row: 3,
    confused: 'platform mismatch at pull / exec format error',
    sides: [
      ['at the pull', pull('acme/cart:1.4', 'no match for platform in manifest sha256:ab12: not found'), 'image-platform-mismatch'],
      ['at the start', 'exec-format-error', 'exec-format-error'],
    ],
  },
  {
    row: 4,
    confused: 'registry rate limit / pull QPS exceeded / 401',
    sides: [
      [
        'the registry counts pulls',
        pull(
          'nginx:1.27',
          'failed to pull and unpack image "docker.io/library/nginx:1.27": failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:ab12: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit',
        ),
        'registry-rate-limit',
      ],
      ['the kubelet counts pulls', pull('nginx:1.27', 'pull QPS exceeded'), 'image-pull-qps'],
      ['the registry wants credentials', pull('ghcr.io/acme/cart:1.4', UNAUTHORIZED), 'image-pull-auth-missing'],
      [
        'a registry of the cloud wants them from the node',
        pull(
          'acme.azurecr.io/cart:1.4',
          'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://acme.azurecr.io/oauth2/token?scope=repository%3Acart%3Apull&service=acme.azurecr.io: 401 Unauthorized',
        ),
        'image-pull-node-credentials-denied',
      ],
    ],
  },
  {
    row: 5,
    confused: 'image present but pulled again (1.35+) / registry outage',
    sides: [
      [
        'the image is there for others, and this Pod has no credentials for it',
        pull('ghcr.io/acme/cart:1.4', UNAUTHORIZED, { container: { imagePullPolicy: 'IfNotPresent' } }),
        'image-pull-auth-missing',
      ],
      ['the registry is away', 'registry-connection-refused', 'registry-connection-refused'],
      [
        'the registry is broken',
        pull(
          'ghcr.io/acme/cart:1.4',
          'failed to pull and unpack image "ghcr.io/acme/cart:1.4": failed to resolve reference "ghcr.io/acme/cart:1.4": unexpected status from HEAD request to https://ghcr.io/v2/acme/cart/manifests/1.4: 503 Service Unavailable',
        ),
        'registry-server-error',
      ],
    ],
  },
  {
    row: 6,
    confused: 'ErrImageNeverPull: image absent / image not permitted (1.35+)',
    sides: [
      ['the image is not on the node', 'image-never-pull', 'image-never-pull'],
      ['the node has it, and this Pod may not use it: the same message on purpose', never, 'image-never-pull'],
    ],
  },
];
