/** The ingress controllers whose dialects kdebug speaks: by `spec.controller` of their IngressClass, and by the annotations that each of them reads. */

/** ingress-nginx, also as the application routing of AKS installs it. */
export const INGRESS_NGINX = /^(k8s\.io\/ingress-nginx|webapprouting\.kubernetes\.azure\.com\/)/;
export const TRAEFIK = /^traefik\.io\//;
/** The AWS Load Balancer Controller, also as EKS Auto Mode runs it. */
export const AWS = /^(ingress\.k8s\.aws|eks\.amazonaws\.com)\//;

/** What the annotations begin with that these two read. */
export const NGINX_ANNOTATION = 'nginx.ingress.kubernetes.io/';
export const TRAEFIK_ANNOTATION = 'traefik.ingress.kubernetes.io/';
