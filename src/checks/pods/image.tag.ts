/** Does the tag exist? The registry knows the repository, and not the tag or digest. */
import { valueOf } from '../../artifacts.ts';
import { parseImage, withTag } from '../../kubernetes/image-reference.ts';
import { editDistance } from '../../kubernetes/nearest.ts';
import type { Artifacts } from '../../model.ts';
import { answer, defineCheck, notApplicable } from '../answers.ts';
import { anyContainer } from './containers.ts';
import { nodeOf, nodesOf, otherImage, type PullError, pullErrors, pullReads, pullReport, repositoryText } from './pull-errors.ts';

const missingTags = (a: Artifacts) => pullErrors(a).filter(({ problem }) => problem === 'noTag');

/** @returns a tag of the same repository that the node has and that is a slip or two away; the kubelet lists its 50 largest images. */
function nearTag(a: Artifacts, error: PullError): string | undefined {
  const { host, repository, tag = '' } = error.reference;
  const images = valueOf(a.get('Node', undefined, nodeOf(error)))?.status?.images ?? [];
  return images
    .flatMap(({ names }) => names ?? [])
    .map((name) => parseImage(String(name)))
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
          remedies: near
            ? otherImage(a, error, withTag(error.image, near), `Gives the container the tag ${near}, which node ${nodeOf(error)} has.`)
            : otherImage(a, error, withTag(error.image, '<tag>'), 'Gives the container a tag that exists.'),
        });
      }),
      'No tag was missing.',
    );
  },
});
