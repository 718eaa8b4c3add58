/** Does the tag exist? The registry knows the repository, and not the tag or digest. */
import { withTag } from '../../kubernetes/image-reference.ts';
import { answer, defineCheck, notApplicable } from '../answers.ts';
import { eventReads, podReads } from '../subject.ts';
import { anyContainer } from './containers.ts';
import { otherImage, pullErrors, pullReport, repositoryText } from './pull-errors.ts';

export const check = defineCheck({
  question: 'image.tag',
  causes: ['image-tag-not-found'],
  reads: (a) => [...podReads(a), ...eventReads(a)],
  judge: (a) => {
    if (!anyContainer(a)) return notApplicable('No container has come this far.');
    const missing = pullErrors(a).filter(({ problem }) => problem === 'noTag');
    return answer(
      missing.map((error) => {
        const { tag, digest } = error.reference;
        const what = digest === undefined ? `tag ${tag}` : `image with the digest ${digest}`;
        return pullReport(error, {
          cause: 'image-tag-not-found',
          message: `the repository ${repositoryText(error.reference)} has no ${what}`,
          remedies: otherImage(a, error, withTag(error.image, '<tag>'), 'Gives the container a tag that exists.'),
        });
      }),
      'No tag was missing.',
    );
  },
});
