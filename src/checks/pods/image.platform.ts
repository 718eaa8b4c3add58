/** Is there an image for the node's architecture? An image of one wrong platform only is pulled all the same, and ends with `exec format error`. */
import { valueOf } from '../../artifacts.ts';
import type { Artifacts } from '../../model.ts';
import { answer, defineCheck, notApplicable, seen } from '../answers.ts';
import { anyContainer, changeSpec, setField, sourceSpec } from './containers.ts';
import { nodeOf, nodesInWords, nodesOf, type PullError, pullErrors, pullReads, pullReport } from './pull-errors.ts';

const mismatches = (a: Artifacts) => pullErrors(a).filter(({ problem }) => problem === 'platform');
export const check = defineCheck({
  question: 'image.platform',
  causes: ['image-platform-mismatch'],
  reads: (a) => [...pullReads(a), ...nodesOf(mismatches(a))],
  judge: (a) => {
    if (!anyContainer(a)) return notApplicable('No container has come this far.');
    const infoOf = (error: PullError) => valueOf(a.get('Node', undefined, nodeOf(error)))?.status?.nodeInfo;
    const platformOf = (error: PullError): string => {
      const { operatingSystem, architecture } = infoOf(error) ?? {};
      return architecture ? `${operatingSystem}/${architecture}, the platform of` : 'the platform of';
    };
    const reports = mismatches(a).map((error, _, all) => {
      const name = nodeOf(error);
      const info = infoOf(error);
      const alike = all.filter((other) => other.image === error.image && platformOf(other) === platformOf(error));
      return pullReport(error, {
        cause: 'image-platform-mismatch',
        message: `image ${error.image} has no variant for ${platformOf(error)} ${nodesInWords(alike)}`,
        evidence: info?.architecture ? [seen({ kind: 'Node', name }, 'status.nodeInfo.architecture', info.architecture)] : [],
        remedies: changeSpec(
          error.container,
          [setField(sourceSpec(error.container).nodeSelector, '/nodeSelector', 'kubernetes.io/arch', '<architecture>')],
          'Keeps the Pods on nodes for which there is a variant; or build the image for this platform, too.',
        ),
      });
    });
    return answer(reports, 'No image lacked a variant for its node.');
  },
});
