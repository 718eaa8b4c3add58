/** The TLS Secrets that Ingresses of the walk name, and the hosts that they are for. */
import { valueOf } from '../../artifacts.ts';
import type { Artifacts, Evidence, Ref } from '../../model.ts';
import { seen } from '../answers.ts';
import { knownController } from './controllers.ts';
import { classOf } from './ingress-class.ts';
import { type OwnIngress, ownIngresses } from './own.ts';
import { covers } from './tls-secrets.ts';

/** One Secret that an Ingress names, with all places that name it. */
export interface TlsSecret {
  readonly ingress: OwnIngress;
  readonly name: string;
  readonly ref: Ref;
  /** Indexes in spec.tls. */
  readonly places: readonly number[];
  readonly hosts: readonly string[];
}

function secretsOf(ingress: OwnIngress): TlsSecret[] {
  const entries = (ingress.ingress.spec?.tls ?? []).map(({ secretName, hosts = [] }, index) => ({ secretName, hosts, index }));
  const names = [...new Set(entries.flatMap(({ secretName }) => secretName || []))];
  return names.map((name) => {
    const own = entries.filter(({ secretName }) => secretName === name);
    const ref: Ref = { kind: 'Secret', ...(ingress.ref.namespace !== undefined && { namespace: ingress.ref.namespace }), name };
    return { ingress, name, ref, places: own.map(({ index }) => index), hosts: own.flatMap(({ hosts }) => hosts) };
  });
}

/** @returns the Secrets that controllers read from the Ingress's namespace; load balancers of clouds and Istio take certificates from elsewhere. */
export const allSecrets = (a: Artifacts): TlsSecret[] =>
  ownIngresses(a)
    .filter((ingress) => !knownController(classOf(a, ingress)?.spec?.controller)?.certificatesElsewhere)
    .flatMap(secretsOf);

/** @returns the Secret as read. */
export const secretRead = (a: Artifacts, { ref }: TlsSecret) => a.get('Secret', ref.namespace, ref.name);

/** The fields of the Ingress that name the Secret. */
export const nameEvidence = ({ ingress, name, places }: TlsSecret): Evidence[] =>
  places.map((index) => seen(ingress.ref, `spec.tls[${index}].secretName`, name));

const CERT_MANAGER = ['cert-manager.io/cluster-issuer', 'cert-manager.io/issuer', 'kubernetes.io/tls-acme'];

/** @returns whether cert-manager has been asked to make the Secrets of this Ingress. */
export const isIssued = ({ ingress }: OwnIngress): boolean =>
  CERT_MANAGER.some((key) => ingress.metadata?.annotations?.[key] !== undefined);

/** Hosts of the rules of an Ingress. */
const ruleHosts = ({ ingress }: OwnIngress): string[] => [...new Set((ingress.spec?.rules ?? []).flatMap(({ host }) => host || []))];

/**
 * The hosts that the certificate must be for: those of its entry in spec.tls that a rule has; where no rule has one of them, those of the rules
 * that no other entry lists (controllers also look by the names in the certificate). Hosts that another Secret of the Ingress is good for do not count.
 */
export function hostsFor(a: Artifacts, secret: TlsSecret): string[] {
  const rules = ruleHosts(secret.ingress);
  const { rules: all = [], defaultBackend } = secret.ingress.ingress.spec ?? {};
  // A rule without host, and the default backend, take every host.
  const takesAny = defaultBackend !== undefined || all.some(({ host }) => !host);
  const listed = secret.hosts.filter((host) => takesAny || rules.includes(host));
  const others = secretsOf(secret.ingress).filter(({ name }) => name !== secret.name);
  const open = rules.filter((host) => !others.some(({ hosts }) => hosts.includes(host)));
  const served = others.flatMap((other) => valueOf(secretRead(a, other))?.certificate?.names ?? []);
  return [...new Set(listed.length > 0 ? listed : open)].filter((host) => !served.some((name) => covers(name, host)));
}
