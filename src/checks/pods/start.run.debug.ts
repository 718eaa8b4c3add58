/** Debug containers that do not start. Nothing waits for them and the kubelet does not try again: worth knowing, never a fault of the workload. */
import { refOf } from '../../artifacts.ts';
import { kubectl } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { pods } from '../subject.ts';
import { STARTING } from './unstarted.ts';

/** @returns a note for every ephemeral container that waits with an error (pkg/kubelet/kuberuntime/kuberuntime_container.go, getTargetID). */
export const debugNotes = (a: Artifacts): Report<'ephemeral-container-failed'>[] =>
  pods(a).flatMap((pod) =>
    (pod.status?.ephemeralContainerStatuses ?? []).flatMap(({ name, state }): Report<'ephemeral-container-failed'>[] => {
      const { reason, message = '' } = state?.waiting ?? {};
      if (name === undefined || reason === undefined || STARTING.includes(reason)) return [];
      const ref = refOf('Pod', pod);
      const path = `status.ephemeralContainerStatuses[name=${name}].state.waiting`;
      const { image = '<image>' } = pod.spec?.ephemeralContainers?.find((one) => one.name === name) ?? {};
      const target = /unable to find target container (\S+)/.exec(message)?.[1];
      const running = (pod.status?.containerStatuses ?? []).filter((one) => one.state?.running).flatMap((one) => one.name ?? []);
      return [
        {
          cause: 'ephemeral-container-failed',
          severity: 'info',
          confidence: 'certain',
          object: ref,
          container: name,
          message: target
            ? `debug container ${name} does not start: the Pod has no running container ${target.replace(/^"|"$/g, '')}`
            : `debug container ${name} does not start: ${message || reason}`,
          evidence: [seen(ref, `${path}.reason`, reason), ...(message ? [seen(ref, `${path}.message`, message)] : [])],
          remedies: target
            ? [
                kubectl(
                  [
                    'debug',
                    ref.name,
                    '-n',
                    ref.namespace ?? '',
                    '-it',
                    `--image=${image}`,
                    `--target=${running[0] ?? '<running container>'}`,
                    '--',
                    '<command>',
                  ],
                  'Adds another debug container; the one that failed stays until the Pod goes.',
                ),
              ]
            : [],
        },
      ];
    }),
  );
