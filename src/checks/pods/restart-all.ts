/** Restart rules that restart the whole Pod: action RestartAllContainers (alpha in 1.35, beta in 1.36; pkg/kubelet/kubelet_pods.go of 1.37). */
import { refOf } from '../../artifacts.ts';
import type { ContainerStatus, Pod } from '../../kinds.ts';
import { conditionOf } from '../../kubernetes/pod-status.ts';
import { look } from '../../kubernetes/template.ts';
import type { Artifacts, Evidence, Report } from '../../model.ts';
import { seen, seenNow } from '../answers.ts';
import { pods } from '../subject.ts';
import { containersOf, inWords, type PodContainer } from './containers.ts';
import { podArguments } from './crash-story.ts';
import { type Ending, endings } from './endings.ts';

const REASON = 'RestartingAllContainers';

/** Whether this end was not the container's own: it was removed because another one ended. */
export const isRestartedWithAll = ({ last }: Pick<Ending, 'last'>): boolean => last.reason === REASON;

const CONDITION = 'AllContainersRestarting';

interface Rule {
  readonly container: PodContainer;
  /** `containers[name=web].restartPolicyRules[0]` */
  readonly path: string;
  readonly codes: string;
}

/** @returns the rules of the Pod that restart all containers. */
function rulesOf(a: Artifacts, pod: Pod): Rule[] {
  return containersOf(a, pod).flatMap((container) =>
    (container.place.container.restartPolicyRules ?? []).flatMap(({ action, exitCodes }, index): Rule[] => {
      if (action !== 'RestartAllContainers') return [];
      const values = (exitCodes?.values ?? []).join(', ');
      return [
        {
          container,
          path: `${container.specPath}.restartPolicyRules[${index}].action`,
          codes: exitCodes?.operator === 'NotIn' ? `anything but ${values}` : values || 'any code',
        },
      ];
    }),
  );
}

/** Evidence that the Pod's containers are being restarted together: the condition while it goes on, then the reason of the last state. */
function signs(a: Artifacts, pod: Pod): Evidence[] {
  const ref = refOf('Pod', pod);
  const condition = conditionOf(pod.status?.conditions, CONDITION);
  if (condition?.status === 'True') return [seenNow(ref, `status.conditions[type=${CONDITION}].status`, condition.status)];
  const waiting = containersOf(a, pod).find(({ status }: { status: ContainerStatus }) => status.state?.waiting?.reason === REASON);
  if (waiting) return [seenNow(ref, `${waiting.statusPath}.state.waiting.reason`, REASON)];
  const ended = endings(a).find((one) => one.container.ref.name === ref.name && isRestartedWithAll(one));
  return ended ? [seenNow(ref, `${ended.path}.reason`, REASON)] : [];
}

/** @returns that a rule of one container restarts the whole Pod again and again. */
export function restartAllReports(a: Artifacts): Report<'restart-all-containers'>[] {
  return pods(a).flatMap((pod): Report<'restart-all-containers'>[] => {
    const proof = signs(a, pod);
    const [rule] = proof.length > 0 ? rulesOf(a, pod) : [];
    if (!rule) return [];
    const { container, codes, path } = rule;
    return [
      {
        cause: 'restart-all-containers',
        severity: 'error',
        confidence: 'certain',
        object: container.ref,
        message: `a restart rule of ${inWords(container)} restarts all containers of the Pod when it exits with ${codes}`,
        evidence: [...proof, seen(container.ref, path, 'RestartAllContainers')],
        nextChecks: [look(['logs', ...podArguments(container), '--tail=200'], `Shows what ${inWords(container)} says before it ends.`)],
        because: { relation: 'same', objects: [container.ref] },
      },
    ];
  });
}
