/** What Ingresses and routes send requests to. */
import type { KindMap, Route } from '../kinds.ts';

type Ingress = KindMap['Ingress'];

/** One `backend.service` of an Ingress, with the JSON pointer of its backend. */
export interface IngressBackend {
  readonly service: string;
  readonly port: { readonly number?: number; readonly name?: string };
  /** e.g. `/spec/rules/0/http/paths/1/backend` */
  readonly pointer: string;
  readonly host: string | undefined;
  readonly path: string | undefined;
}

/** @returns all backends of an Ingress that are Services, the default backend first. */
export function ingressBackends(ingress: Ingress | undefined): IngressBackend[] {
  const { defaultBackend, rules = [] } = ingress?.spec ?? {};
  const all = [
    { backend: defaultBackend, pointer: '/spec/defaultBackend', host: undefined, path: undefined },
    ...rules.flatMap(({ host, http }, r) =>
      (http?.paths ?? []).map(({ backend, path }, p) => ({ backend, pointer: `/spec/rules/${r}/http/paths/${p}/backend`, host, path })),
    ),
  ];
  return all.flatMap(({ backend, ...place }) =>
    backend?.service?.name ? [{ service: backend.service.name, port: backend.service.port ?? {}, ...place }] : [],
  );
}

/** @returns the names of Services that an Ingress leads to. */
export const servicesOfIngress = (ingress: Ingress | undefined): string[] => ingressBackends(ingress).map(({ service }) => service);

/** One backend of a route, with its place in the route. */
export interface RouteBackend {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** The route's own namespace where the backend names none. */
  readonly namespace: string;
  readonly port: number | undefined;
  /** 0: gets no traffic. */
  readonly weight: number;
  /** e.g. `/spec/rules/0/backendRefs/1` */
  readonly pointer: string;
  /** The same as a field path: `spec.rules[0].backendRefs[1]`. */
  readonly path: string;
}

/** @returns all backends of a route, in order; group and kind are the API's defaults where they are absent. */
export const routeBackends = (route: Route | undefined): RouteBackend[] =>
  (route?.spec?.rules ?? []).flatMap((rule, r) =>
    (rule.backendRefs ?? []).flatMap(({ group = '', kind = 'Service', name, namespace, port, weight = 1 }, b) =>
      name === undefined
        ? []
        : [
            {
              group,
              kind,
              name,
              namespace: namespace ?? route?.metadata?.namespace ?? '',
              port,
              weight,
              pointer: `/spec/rules/${r}/backendRefs/${b}`,
              path: `spec.rules[${r}].backendRefs[${b}]`,
            },
          ],
    ),
  );

/** @returns the backends of a route that are Services of its own namespace. */
export const ownServicesOfRoute = (route: Route | undefined): RouteBackend[] =>
  routeBackends(route).filter(
    ({ group, kind, namespace }) => group === '' && kind === 'Service' && namespace === (route?.metadata?.namespace ?? ''),
  );

/** @returns the names of Services of the route's own namespace that it leads to. */
export const servicesOfRoute = (route: Route | undefined): string[] => ownServicesOfRoute(route).map(({ name }) => name);
