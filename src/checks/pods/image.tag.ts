/** Does the tag exist? The registry knows the repository, and not the tag or digest. */
import { parseImage, withTag } from '../../kubernetes/image-reference.ts';
import { editDistance } from '../../kubernetes/nearest.ts';
import type { Artifacts } from '../../model.ts';
import { answer, defineCheck, notApplicable } from '../answers.ts';
import { anyContainer } from './containers.ts';
import {
  imagesOnNode,
  nodeOf,
  nodesOf,
  otherImage,
  type PullError,
  pullErrors,
  pullReads,
  pullReport,
  repositoryText,
} from './pull-errors.ts';

const missingTags = (a: Artifacts) => pullErrors(a).filter(({ problem }) => problem === 'noTag');

/** @returns a tag of the same repository that the node has and that is a slip or two away. */
function nearTag(a: Artifacts, error: PullError): string | undefined {
  const { host, repository, tag = '' } = error.reference;
  return imagesOnNode(a, error)
    .map(parseImage)
    .filter((one) => one.host === host && one.repository === repository && one.digest === undefined)
    .map((one) => ({ tag: one.tag ?? '', edits: editDistance(tag, one.tag ?? '') }))
    .filter((one) => one.edits <= 2 && one.edits <= tag.length / 2)
    .sort((x, y) => x.edits - y.edits)[0]?.tag;
}

export const check = defineCheck({
  question: 'image.tag',
  causes: ['image-tag-not-found'],
  reads: (a) => [...pullReads(a), ...nodesOf(missingTags(a))],
  judge: (a) => {
    if (!anyContainer(a)) return notApplicable('No container has come this far.');
    return answer(
      missingTags(a).map((error) => {
        const { tag, digest } = error.reference;
        const near = nearTag(a, error);
        const what = digest === undefined ? `tag ${tag}` : `image with the digest ${digest}`;
        return pullReport(error, {
          cause: 'image-tag-not-found',
          message: `the repository ${repositoryText(error.reference)} has no ${what}`,
          remedies: otherImage(
            a,
            error,
            withTag(error.image, near ?? '<tag>'),
            near ? `Gives the container the tag ${near}, which node ${nodeOf(error)} has.` : 'Gives the container a tag that exists.',
          ),
        });
      }),
      'No tag was missing.',
    );
  },
});
