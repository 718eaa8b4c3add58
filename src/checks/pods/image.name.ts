/** Is the image name correct? Malformed names never reach a registry; a repository that a registry does not show may also be private. */
import type { Artifacts, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable, seen } from '../answers.ts';
import { anyContainer, inWords, type PodContainer, waitingEvidence, waitingFor } from './containers.ts';
import { otherImage, type PullError, pullErrors, pullReads, pullReport, repositoryText, setImage } from './pull-errors.ts';
import { pullSecretFault, pullSecretNames, pullSecretReads } from './pull-secrets.ts';

type NameCause = 'image-invalid-name' | 'image-repository-not-found';

function malformed(container: PodContainer): Report<NameCause> {
  const image = container.place.container.image ?? '';
  const detail = /invalid reference format(?:: (.+))?$/s.exec(container.status.state?.waiting?.message ?? '')?.[1];
  return {
    cause: 'image-invalid-name',
    severity: 'error',
    confidence: 'certain',
    object: container.ref,
    container: container.name,
    message: `"${image}", the image of ${inWords(container)}, is no image reference${detail ? `: ${detail}` : ''}`,
    evidence: [...waitingEvidence(container), seen(container.ref, `${container.specPath}.image`, image)],
    remedies: setImage(container, '<image>', 'Gives the container an image reference that is well formed.'),
  };
}

function unknownRepository(a: Artifacts, error: PullError): Report<NameCause> {
  const { host } = error.reference;
  const where = repositoryText(error.reference);
  const names = pullSecretNames(error.container);
  const certain = error.problem === 'noRepository';
  const doubt = names.length > 0 ? ', or the pull Secret does not open it' : `, or it is private: the Pod has no credentials for ${host}`;
  return pullReport(error, {
    cause: 'image-repository-not-found',
    confidence: certain ? 'certain' : 'likely',
    message: `there is no repository ${where}${certain ? '' : doubt}`,
    remedies: otherImage(a, error, '<registry>/<repository>:<tag>', 'If the name is wrong: gives the container the right one.'),
  });
}

export const check = defineCheck<NameCause>({
  question: 'image.name',
  causes: ['image-invalid-name', 'image-repository-not-found'],
  reads: (a) => [...pullReads(a), ...pullSecretReads(a)],
  judge: (a) => {
    if (!anyContainer(a)) return notApplicable('No container has come this far.');
    const hidden = pullErrors(a).filter(
      (error) => error.problem === 'noRepository' || (error.problem === 'denied' && !pullSecretFault(a, error)),
    );
    return answer(
      [...waitingFor(a, 'InvalidImageName').map(malformed), ...hidden.map((error) => unknownRepository(a, error))],
      'No image name was refused.',
    );
  },
});
