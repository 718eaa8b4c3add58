/** Volumes made from an image: the kubelet pulls it with the words that it has for container images, and the runtime mounts it with the container. */
import { patchTemplate } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { seen } from '../answers.ts';
import { inWords, type PodContainer, waitingFor, waitingNow } from './containers.ts';
import { pullErrors, pullReport } from './pull-errors.ts';

type Cause = 'image-volume-failed';

/** cri-api pkg/errors: what runtimes say of an image volume that they have and cannot mount. */
const MOUNT_FAILED = /^ImageVolumeMountFailed: ?/;

const said = ({ status }: PodContainer): string => status.state?.waiting?.message ?? '';

/** @returns whether the container waits because of an image volume; then its own creation is not at fault. */
export const isImageVolumeFault = (container: PodContainer): boolean => MOUNT_FAILED.test(said(container));

const indexOf = ({ owner }: PodContainer, volume: string): number =>
  (owner.template?.spec?.volumes ?? []).findIndex(({ name }) => name === volume);

/** @returns the findings about images of volumes that cannot be pulled or mounted. */
export function imageVolumeReports(a: Artifacts): Report<Cause>[] {
  const pulls = pullErrors(a).flatMap((error): Report<Cause>[] => {
    const { container, volume } = error;
    if (!volume) return [];
    const index = indexOf(container, volume.name);
    return [
      pullReport(error, {
        cause: 'image-volume-failed',
        message: `image ${volume.reference} of volume ${volume.name} cannot be pulled: ${error.said || 'neither its status nor an event says why'}`,
        evidence: [seen(container.ref, `spec.volumes[name=${volume.name}].image.reference`, volume.reference)],
        remedies:
          index < 0
            ? []
            : patchTemplate(
                container.owner,
                [{ op: 'replace', path: `/volumes/${index}/image/reference`, value: '<image>' }],
                'Gives the volume an image that can be pulled.',
              ),
      }),
    ];
  });
  const mounts = waitingFor(a, 'CreateContainerError')
    .filter(isImageVolumeFault)
    .map(
      (container): Report<Cause> => ({
        cause: 'image-volume-failed',
        severity: 'error',
        confidence: 'certain',
        object: container.ref,
        container: container.name,
        message: `the image of a volume of ${inWords(container)} cannot be mounted: ${said(container).replace(MOUNT_FAILED, '') || 'the runtime gives no reason'}`,
        evidence: waitingNow(container),
      }),
    );
  return [...pulls, ...mounts];
}
