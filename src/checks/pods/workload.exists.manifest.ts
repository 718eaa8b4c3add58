/**
 * What of a manifest the API server has dropped, or would not take again. kubectl apply keeps the manifest in an annotation; what it refuses leaves no
 * trace, but a field that was only warned of (--validate=false, old clients) is in the annotation and not in the object.
 */
import { isObject, refName, refOf, valueOf } from '../../artifacts.ts';
import type { KindMap } from '../../kinds.ts';
import { nearest } from '../../kubernetes/nearest.ts';
import { kubectl, look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Ref, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { targetRead, workloads } from '../subject.ts';

type ManifestCause = 'manifest-unknown-field' | 'api-version-removed';
type Object_ = Readonly<Record<string, unknown>>;

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The fields of one level of an object, and the levels below those of them where people mistype. */
interface Level {
  readonly fields: readonly string[];
  readonly below?: Readonly<Record<string, Level>>;
}

const level = (fields: string, below?: Level['below']): Level => ({ fields: fields.split(' '), ...(below && { below }) });

const RUN_AS = 'appArmorProfile runAsGroup runAsNonRoot runAsUser seLinuxOptions seccompProfile windowsOptions';
const PROBE = level(
  'exec failureThreshold grpc httpGet initialDelaySeconds periodSeconds successThreshold tcpSocket terminationGracePeriodSeconds timeoutSeconds',
);
const RESOURCES = level('claims limits requests');
const CONTAINER = level(
  'args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports readinessProbe resizePolicy resources restartPolicy restartPolicyRules securityContext startupProbe stdin stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir',
  {
    env: level('name value valueFrom'),
    livenessProbe: PROBE,
    readinessProbe: PROBE,
    startupProbe: PROBE,
    ports: level('containerPort hostIP hostPort name protocol'),
    resources: RESOURCES,
    securityContext: level(`${RUN_AS} allowPrivilegeEscalation capabilities privileged procMount readOnlyRootFilesystem`),
    volumeMounts: level('mountPath mountPropagation name readOnly recursiveReadOnly subPath subPathExpr'),
  },
);
const POD = level(
  'activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig dnsPolicy enableServiceLinks ephemeralContainers hostAliases hostIPC hostNetwork hostPID hostUsers hostname hostnameOverride imagePullSecrets initContainers nodeName nodeSelector os overhead preemptionPolicy priority priorityClassName readinessGates resourceClaims resources restartPolicy runtimeClassName schedulerName schedulingGates schedulingGroup securityContext serviceAccount serviceAccountName setHostnameAsFQDN shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations topologySpreadConstraints volumes workloadRef',
  {
    containers: CONTAINER,
    initContainers: CONTAINER,
    resources: RESOURCES,
    securityContext: level(`${RUN_AS} fsGroup fsGroupChangePolicy seLinuxChangePolicy supplementalGroups supplementalGroupsPolicy sysctls`),
  },
);
const TEMPLATE = level('metadata spec', { spec: POD });
const SPECS: Readonly<Record<string, Level>> = {
  Deployment: level('minReadySeconds paused progressDeadlineSeconds replicas revisionHistoryLimit rollbackTo selector strategy template', {
    template: TEMPLATE,
  }),
  StatefulSet: level(
    'minReadySeconds ordinals persistentVolumeClaimRetentionPolicy podManagementPolicy replicas revisionHistoryLimit selector serviceName template updateStrategy volumeClaimTemplates',
    { template: TEMPLATE },
  ),
  DaemonSet: level('minReadySeconds revisionHistoryLimit selector template updateStrategy', { template: TEMPLATE }),
};

/** A field of the manifest that is not one of its level, and not in the object. */
interface Dropped {
  readonly path: string;
  readonly near: string | undefined;
}

const itemsOf = (value: unknown): Object_[] => (Array.isArray(value) ? value.filter(isObject) : []);

function dropped(applied: unknown, live: unknown, of: Level, path: string): Dropped[] {
  if (!isObject(applied) || !isObject(live)) return [];
  return Object.entries(applied).flatMap(([key, value]): Dropped[] => {
    const at = `${path}.${key}`;
    if (!of.fields.includes(key)) return value === null || key in live ? [] : [{ path: at, near: nearest(key, of.fields) }];
    const below = of.below?.[key];
    if (!below) return [];
    if (!Array.isArray(value)) return dropped(value, live[key], below, at);
    const others = itemsOf(live[key]);
    return itemsOf(value).flatMap((item) =>
      typeof item.name === 'string'
        ? dropped(
            item,
            others.find(({ name }) => name === item.name),
            below,
            `${at}[name=${item.name}]`,
          )
        : [],
    );
  });
}

/** Versions that the API server serves no more (kubernetes.io/docs/reference/using-api/deprecation-guide), and since when. */
const REMOVED: Readonly<Record<string, string>> = {
  'extensions/v1beta1 Ingress': '1.22',
  'extensions/v1beta1': '1.16',
  'apps/v1beta1': '1.16',
  'apps/v1beta2': '1.16',
  'networking.k8s.io/v1beta1': '1.22',
  'batch/v2alpha1': '1.21',
  'batch/v1beta1': '1.25',
};

function reportsOf(ref: Ref, object: { metadata?: KindMap['Pod']['metadata'] }): Report<ManifestCause>[] {
  const manifest = parsed(object.metadata?.annotations?.[LAST_APPLIED]);
  if (!manifest) return [];
  const annotation = `metadata.annotations["${LAST_APPLIED}"]`;
  const version = String(manifest.apiVersion);
  const since = REMOVED[`${version} ${ref.kind}`] ?? REMOVED[version];
  const spec = SPECS[ref.kind];
  const lost = spec ? dropped(manifest.spec, (object as KindMap['Deployment']).spec, spec, 'spec') : [];
  return [
    ...lost.map(
      ({ path, near }): Report<ManifestCause> => ({
        cause: 'manifest-unknown-field',
        severity: 'warning',
        confidence: 'certain',
        object: ref,
        message: `the manifest of ${ref.kind} ${ref.name} sets ${path}, which is no field of Kubernetes and was dropped${near ? `; there is ${near}` : ''}`,
        evidence: [seen(ref, annotation, `sets ${path}`), absent(ref, path)],
        remedies: [
          kubectl(
            ['apply', ...namespaceFlag(ref), '-f', '<corrected manifest>'],
            'Applies the manifest with the right name of the field, at the right place.',
          ),
        ],
        nextChecks: [
          look(
            ['explain', `${ref.kind.toLowerCase()}.${path.replace(/\[[^\]]*\]/g, '').replace(/\.[^.]*$/, '')}`],
            'which fields there are',
          ),
        ],
      }),
    ),
    ...(since === undefined
      ? []
      : [
          {
            cause: 'api-version-removed',
            severity: 'info',
            confidence: 'certain',
            object: ref,
            message: `the manifest of ${ref.kind} ${ref.name} is written for ${version}, which Kubernetes serves no more since ${since}: it cannot be applied again`,
            evidence: [seen(ref, annotation, `apiVersion ${version}`)],
            nextChecks: [look(['explain', ref.kind.toLowerCase()], 'which version the cluster serves')],
          } satisfies Report<ManifestCause>,
        ]),
  ];
}

function parsed(text: string | undefined): Object_ | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @returns what the manifests of the target and of its workloads hold that the cluster does not. */
export function manifestReports(a: Artifacts): Report<ManifestCause>[] {
  const target = valueOf(targetRead(a));
  const all = new Map(workloads(a).map(({ ref, object }) => [refName(ref), { ref, object }] as const));
  if (target) all.set(refName(a.target), { ref: refOf(a.target.kind, target), object: target });
  return [...all.values()].flatMap(({ ref, object }) => reportsOf(ref, object));
}
