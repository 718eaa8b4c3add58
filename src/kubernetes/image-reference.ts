/** Image references as the runtimes read them (github.com/distribution/reference, normalize.go). */

export interface ImageReference {
  /** `docker.io` where the reference names no host. */
  readonly host: string;
  /** `library/nginx` for `nginx`. */
  readonly repository: string;
  /** `latest` where there is neither tag nor digest. */
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** @returns the parts of an image reference; of one that is malformed the best that can be said. */
export function parseImage(image: string): ImageReference {
  const [name = '', digest] = image.split('@');
  const [first = '', ...others] = name.split('/');
  const hasHost = others.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const rest = hasHost ? others.join('/') : name;
  const [, path = rest, tag] = /^(.*?)(?::([^/:]*))?$/.exec(rest) ?? [];
  const host = hasHost ? first : 'docker.io';
  const repository = host === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  return { host, repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

/** @returns the image as written, with another tag. */
export const withTag = (image: string, tag: string): string => `${image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')}:${tag}`;

/** Docker Hub has several names: `https://index.docker.io/v1/` in the auths of a pull Secret. */
const HUB = /^(?:index\.)?docker\.io$|^registry-1\.docker\.io$/;

/** @returns whether an entry of a pull Secret (`https://ghcr.io`, `ghcr.io/acme`) is for that registry host (pkg/credentialprovider/keyring.go). */
export function isForRegistry(entry: string, host: string): boolean {
  const entryHost = entry.replace(/^https?:\/\//, '').split('/')[0] ?? '';
  if (HUB.test(entryHost) && HUB.test(host)) return true;
  const parts = entryHost.split('.');
  const wanted = host.split('.');
  return (
    parts.length === wanted.length &&
    parts.every(
      (part, index) =>
        part === wanted[index] ||
        (part.includes('*') && new RegExp(`^${part.replace(/[^*\w-]/g, '\\$&').replaceAll('*', '.*')}$`).test(wanted[index]!)),
    )
  );
}
