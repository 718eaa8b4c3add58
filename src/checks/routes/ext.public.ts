/** Does the public name lead to the published address? kdebug sees the cluster from inside only: it says what to try by hand, and never finds a fault here. */
import type { Answer, Artifacts, Check } from '../../model.ts';
import { couldNotLook, defineCheck, notApplicable } from '../answers.ts';
import { allParents, gatewayOf, gatewayReads, isTrue, listenersOf } from './gateways.ts';
import { statusOf } from './gw.route-accepted.ts';
import { check as routeRefs } from './gw.route-refs.ts';
import { check as ingressBackend } from './ing.backend.ts';
import { check as ingressClass } from './ing.class.ts';
import { check as ingressTls } from './ing.tls.ts';
import { edgeWalkReads, hasAddress, ownIngresses, ownRoutes } from './own.ts';

/** A public name with the address that it should lead to. */
interface Public {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly address: string;
  /** Of the listener, where it is not the scheme's own. */
  readonly port?: number;
  /** gRPC is HTTP/2, without TLS also from the first byte on. */
  readonly isGrpc?: boolean;
}

function ofIngresses(a: Artifacts): Public[] {
  return ownIngresses(a)
    .filter(hasAddress)
    .flatMap(({ ingress, backends }) => {
      const first = ingress.status?.loadBalancer?.ingress?.[0];
      const address = first?.hostname ?? first?.ip;
      const secure = new Set((ingress.spec?.tls ?? []).flatMap(({ hosts = [] }) => hosts));
      return backends.flatMap(({ host }): Public[] =>
        host && address ? [{ scheme: secure.has(host) ? 'https' : 'http', host, address }] : [],
      );
    });
}

function ofRoutes(a: Artifacts): Public[] {
  return allParents(a).flatMap((parent) => {
    const gateway = gatewayOf(a, parent);
    const address = gateway?.status?.addresses?.[0]?.value;
    const listener = gateway && listenersOf(gateway, parent.reference)[0]?.listener;
    if (
      !gateway ||
      !address ||
      !isTrue(gateway.status?.conditions, 'Programmed') ||
      statusOf(parent, 'Accepted')?.condition?.status !== 'True'
    )
      return [];
    const scheme = ['HTTPS', 'TLS'].includes(listener?.protocol ?? '') ? 'https' : 'http';
    const usual = scheme === 'https' ? 443 : 80;
    return (parent.route.route.spec?.hostnames ?? []).map(
      (host): Public => ({
        scheme,
        host,
        address,
        ...(listener?.port !== undefined && listener.port !== usual && { port: listener.port }),
        isGrpc: parent.route.ref.kind === 'GRPCRoute',
      }),
    );
  });
}

/** @returns what to try by hand: the URL that was asked about, or the one that the name gives. */
function advice({ scheme, host, address, port, isGrpc }: Public, asked: string | undefined): string {
  const name = asked === undefined ? host : new URL(asked).hostname;
  const url = asked ?? `${scheme}://${host.replace(/^\*/, 'www')}${port === undefined ? '' : `:${port}`}/`;
  const http2 = isGrpc && url.startsWith('http:') ? '--http2-prior-knowledge ' : '';
  return `${name} must resolve to ${address}. From outside, try: curl -v ${http2}${url}`;
}

/** What must be right before it is worth asking from outside. */
const INSIDE: readonly Check[] = [ingressBackend, ingressClass, ingressTls, routeRefs];

function judge(a: Artifacts): Answer<never> {
  if (ownIngresses(a).length + ownRoutes(a).length === 0) return notApplicable('No Ingress or Gateway API route leads to these Pods.');
  const all = [...ofIngresses(a), ...ofRoutes(a)];
  const names = [...new Map(all.map((one) => [one.host, one])).values()];
  const [first] = names;
  if (!first) return notApplicable('There is no public name with an address.');
  if (INSIDE.some((check) => check.judge(a).outcome === 'wrong')) return notApplicable('What is wrong inside the cluster comes first.');
  const more = names.length > 1 ? ` The same for ${names.length - 1} more.` : '';
  return couldNotLook(`kdebug does not leave the cluster. ${advice(first, a.target.url)}${more}`);
}

export const check = defineCheck({ question: 'ext.public', causes: [], reads: (a) => [...edgeWalkReads(a), ...gatewayReads(a)], judge });
