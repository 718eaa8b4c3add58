/** Is there an image for the node's architecture? An image of one wrong platform only is pulled all the same, and ends with `exec format error`. */
import { valueOf } from '../../artifacts.ts';
import type { Artifacts, ReadRequest } from '../../model.ts';
import { answer, defineCheck, notApplicable, seen } from '../answers.ts';
import { eventReads, podReads } from '../subject.ts';
import { anyContainer, changeSpec, type PodContainer, setField, sourceSpec } from './containers.ts';
import { nodesInWords, type PullError, pullErrors, pullReport } from './pull-errors.ts';

const mismatches = (a: Artifacts) => pullErrors(a).filter(({ problem }) => problem === 'platform');
const nodeOf = ({ pod }: PodContainer): string => pod.spec?.nodeName ?? '';

const nodeReads = (a: Artifacts): ReadRequest[] =>
  [...new Set(mismatches(a).map(({ container }) => nodeOf(container)))]
    .filter(Boolean)
    .map((name) => ({ verb: 'get', kind: 'Node', name, optional: true }));

export const check = defineCheck({
  question: 'image.platform',
  causes: ['image-platform-mismatch'],
  reads: (a) => [...podReads(a), ...eventReads(a), ...nodeReads(a)],
  judge: (a) => {
    if (!anyContainer(a)) return notApplicable('No container has come this far.');
    const infoOf = (error: PullError) => valueOf(a.get('Node', undefined, nodeOf(error.container)))?.status?.nodeInfo;
    const platformOf = (error: PullError): string => {
      const { operatingSystem, architecture } = infoOf(error) ?? {};
      return architecture ? `${operatingSystem}/${architecture}, the platform of` : 'the platform of';
    };
    const reports = mismatches(a).map((error, _, all) => {
      const name = nodeOf(error.container);
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
