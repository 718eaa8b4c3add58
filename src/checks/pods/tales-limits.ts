/** Log lines about limits and leave of others: limits of the node, connections of a database, identities of a cloud, licences, leases, migrations. */
import { kubectl, kubectlName, look, namespaceFlag } from '../../kubernetes/template.ts';
import type { NextCheck } from '../../model.ts';
import { seen } from '../answers.ts';
import { inWords, type PodContainer } from './containers.ts';
import type { SpokenCrash, Tale } from './crash-story.ts';
import { wordsOf } from './tales-programs.ts';

const nodeOf = ({ pod }: PodContainer): string => (pod.spec?.nodeName ? `node ${pod.spec.nodeName}` : 'its node');

const nodeEvidence = ({ ref, pod }: PodContainer) => (pod.spec?.nodeName ? [seen(ref, 'spec.nodeName', pod.spec.nodeName)] : []);

const neighbours = ({ pod }: PodContainer): NextCheck[] =>
  pod.spec?.nodeName
    ? [look(['get', 'pods', '-A', '-o', 'wide', '--field-selector', `spec.nodeName=${pod.spec.nodeName}`], 'what else runs on the node')]
    : [];

/** The schema of the database is not what the program wants, or another run holds the lock. */
export const migrationFails = (crash: SpokenCrash): Tale => ({
  message: `a database migration of ${inWords(crash.container)} fails or is held up${wordsOf(crash)}`,
});

/** The database accepts no more connections: what one Pod takes, every Pod takes. */
export function tooManyConnections({ container }: SpokenCrash): Tale {
  const { ref } = container.owner;
  return {
    message: `the database accepts no more connections, and ${inWords(container)} gives up`,
    nextChecks: [look(['get', kubectlName(ref), ...namespaceFlag(ref)], 'how many Pods share the connections: each has a pool of its own')],
  };
}

/** What ties a ServiceAccount to an identity of a cloud: EKS, GKE, AKS. */
export function cloudRefuses(crash: SpokenCrash): Tale {
  const { container } = crash;
  const account = container.pod.spec?.serviceAccountName ?? 'default';
  return {
    message: `${inWords(container)} has no identity at its cloud, or one that may not do this; its ServiceAccount is ${account}${wordsOf(crash)}`,
    evidence: container.pod.spec?.serviceAccountName ? [seen(container.ref, 'spec.serviceAccountName', account)] : [],
    nextChecks: [
      look(
        ['get', 'serviceaccount', account, '-n', container.ref.namespace ?? '', '-o', 'yaml'],
        'whether an annotation names a cloud identity: eks.amazonaws.com/role-arn, iam.gke.io/gcp-service-account, azure.workload.identity/client-id',
      ),
    ],
  };
}

/** Too many open files (of the process), or watches and instances of inotify (of the node). */
export function tooManyFiles({ container, found }: SpokenCrash): Tale {
  const watches = /inotify|file watchers|, watch/i.test(found.line.text);
  return {
    message: watches
      ? `${inWords(container)} watches more files than ${nodeOf(container)} allows (sysctl fs.inotify)`
      : `${inWords(container)} opens more files at once than it may`,
    evidence: watches ? nodeEvidence(container) : [],
    nextChecks: watches ? neighbours(container) : [],
  };
}

/** Elasticsearch and its like want a sysctl of the node, which no Pod can set for itself. */
export const mapCountTooLow = ({ container }: SpokenCrash): Tale => ({
  message: `${inWords(container)} needs the sysctl vm.max_map_count of ${nodeOf(container)} to be higher than it is`,
  evidence: nodeEvidence(container),
});

/** Who loses the lease ends by design, so that two never act at once: the API server was too slow, or the container was. */
export function leaseLost({ container, a }: SpokenCrash): Tale {
  const limit = container.place.container.resources?.limits?.cpu;
  return {
    message: `${inWords(container)} lost its leader lease and ended by design: it could not renew it in time${limit === undefined ? '' : `; its CPU limit is ${limit}`}`,
    evidence: limit === undefined ? [] : [seen(container.ref, `${container.specPath}.resources.limits.cpu`, limit)],
    nextChecks: [
      look(['get', 'leases', '-n', a.target.namespace], 'who holds the lease now'),
      ...(container.ref.namespace
        ? [look(['top', 'pod', container.ref.name, '-n', container.ref.namespace, '--containers'], 'whether it is short of CPU')]
        : []),
    ],
  };
}

/** A licence that must be accepted, most often with a variable, or that is out of date. */
export function licenceMissing(crash: SpokenCrash): Tale {
  const { container } = crash;
  const accept = /accept/i.test(crash.found.line.text);
  const { ref, pointer } = container.owner;
  return {
    message: accept
      ? `the licence of image ${container.place.container.image} is not accepted${wordsOf(crash)}`
      : `the licence of ${inWords(container)} is missing, invalid or expired${wordsOf(crash)}`,
    evidence: [seen(container.ref, `${container.specPath}.image`, container.place.container.image)],
    remedies:
      accept && pointer && container.source
        ? [
            kubectl(
              ['set', 'env', kubectlName(ref), ...namespaceFlag(ref), '-c', container.name, '<variable that accepts it>=<value>'],
              'Accepts the licence, once you have read it; the documentation of the image names the variable.',
            ),
          ]
        : [],
  };
}
