/** Can the image be had at all? Before any registry is asked: the pull policy, and the node's image store. */
import type { Report } from '../../model.ts';
import { answer, defineCheck, notApplicable, seen } from '../answers.ts';
import { podReads } from '../subject.ts';
import { anyContainer, changeContainer, inWords, type PodContainer, waitingEvidence, waitingFor } from './containers.ts';
import { setImage } from './pull-errors.ts';

type ImageCause = 'image-never-pull' | 'image-inspect-error';

const imageOf = ({ place }: PodContainer): string => place.container.image ?? '';

const neverPull = (container: PodContainer): Report<ImageCause> => ({
  cause: 'image-never-pull',
  severity: 'error',
  confidence: 'certain',
  object: container.ref,
  container: container.name,
  message: `image ${imageOf(container)} of ${inWords(container)} is not on the node, and imagePullPolicy Never forbids to pull it`,
  evidence: [
    ...waitingEvidence(container),
    seen(container.ref, `${container.specPath}.imagePullPolicy`, container.place.container.imagePullPolicy),
  ],
  remedies: changeContainer(
    container,
    [
      { op: 'replace', path: '/imagePullPolicy', value: 'IfNotPresent' },
      { op: 'replace', path: '/image', value: '<image that a registry has>' },
    ],
    'Lets the node pull the image from a registry; or load it on every node (kind load docker-image, minikube image load).',
  ),
});

function inspectError(container: PodContainer): Report<ImageCause> {
  const said = container.status.state?.waiting?.message ?? '';
  const short = /short[- ]name/.test(said);
  return {
    cause: 'image-inspect-error',
    severity: 'error',
    confidence: 'certain',
    object: container.ref,
    container: container.name,
    message: short
      ? `the runtime does not know in which registry to look for ${imageOf(container)}: it takes no short names`
      : `the runtime of the node cannot look up image ${imageOf(container)} of ${inWords(container)}: ${said.replace(/^Failed to inspect image "[^"]*": /, '')}`,
    evidence: [...waitingEvidence(container), seen(container.ref, `${container.specPath}.image`, imageOf(container))],
    remedies: short ? setImage(container, '<registry>/<repository>:<tag>', 'Names the image in full.') : [],
  };
}

export const check = defineCheck<ImageCause>({
  question: 'start.image',
  causes: ['image-never-pull', 'image-inspect-error'],
  reads: podReads,
  judge: (a) =>
    anyContainer(a)
      ? answer(
          [...waitingFor(a, 'ErrImageNeverPull').map(neverPull), ...waitingFor(a, 'ImageInspectError').map(inspectError)],
          'No image is kept back by its pull policy or the image store.',
        )
      : notApplicable('No container has come this far.'),
});
