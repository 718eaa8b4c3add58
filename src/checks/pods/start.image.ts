/** Can the image be had at all? Before any registry is asked: the pull policy, and the node's image store. */
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Answer, Artifacts, Report } from '../../model.ts';
import { answer, defineCheck, notApplicable, seen } from '../answers.ts';
import {
  anyContainer,
  changeContainer,
  eventEvidence,
  inWords,
  newestEvent,
  type PodContainer,
  secondsFromEvent,
  waitingEvidence,
  waitingFor,
  waitingNow,
} from './containers.ts';
import { nodeImage, nodeOf, type PullError, type PullProblem, pullErrors, pullReads, pullReport, setImage } from './pull-errors.ts';

type ImageCause =
  | 'image-never-pull'
  | 'image-inspect-error'
  | 'image-local-but-policy-always'
  | 'image-pull-qps'
  | 'image-schema1-unsupported'
  | 'image-pulling-slowly';

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

/** The kubelet must ask the registry, which has never heard of an image that somebody loaded on the node. */
const ignored = (a: Artifacts, error: PullError): Report<ImageCause> =>
  pullReport(error, {
    cause: 'image-local-but-policy-always',
    message: `image ${error.image} of ${inWords(error.container)} is on node ${nodeOf(error)}, and imagePullPolicy Always asks the registry, which does not have it`,
    evidence: [
      seen(error.container.ref, `${error.container.specPath}.imagePullPolicy`, 'Always'),
      seen({ kind: 'Node', name: nodeOf(error) }, 'status.images', [{ names: [nodeImage(a, error)] }]),
    ],
    remedies: changeContainer(
      error.container,
      [{ op: 'replace', path: '/imagePullPolicy', value: 'IfNotPresent' }],
      'Lets the kubelet use the image that is on the node; every node that runs such Pods must have it.',
    ),
  });

const throttled = (error: PullError): Report<ImageCause> =>
  pullReport(error, {
    cause: 'image-pull-qps',
    message: `the kubelet of node ${nodeOf(error)} limits how many images it asks for in a second, and lets image ${error.image} wait`,
    nextChecks: [
      look(
        ['get', 'pods', '-A', '--field-selector', `spec.nodeName=${nodeOf(error)},status.phase=Pending`],
        'how many Pods start there at once; it tries again by itself (registryPullQPS and registryBurst of the kubelet)',
      ),
    ],
  });

const schema1 = (error: PullError): Report<ImageCause> =>
  pullReport(error, {
    cause: 'image-schema1-unsupported',
    message: `image ${error.image} of ${inWords(error.container)} is in Docker's schema 1 format, which the runtime of node ${nodeOf(error)} no longer reads`,
    remedies: setImage(error.container, '<image built anew>', 'Gives the container an image that a current builder has pushed.'),
  });

/** Pulls that are shorter are part of every start. */
const SLOW_SECONDS = 60;

/** The newest of a container's events about its image: while that is Pulling, the pull goes on. */
const IMAGE_EVENTS = ['Pulling', 'Pulled', 'Failed', 'BackOff', 'Created', 'Started'];

function pulling(a: Artifacts): Report<ImageCause>[] {
  return waitingFor(a, 'ContainerCreating', 'PodInitializing').flatMap((container) => {
    const event = newestEvent(a, container, ({ reason }) => IMAGE_EVENTS.includes(reason ?? ''));
    if (event?.reason !== 'Pulling' || (secondsFromEvent(event, a.now) ?? 0) < SLOW_SECONDS) return [];
    return [
      {
        cause: 'image-pulling-slowly',
        severity: 'info',
        confidence: 'certain',
        object: container.ref,
        container: container.name,
        message: `node ${container.pod.spec?.nodeName} is still pulling image ${imageOf(container)} of ${inWords(container)}`,
        evidence: [...waitingNow(container), eventEvidence(event), seen(container.ref, `${container.specPath}.image`, imageOf(container))],
        nextChecks: [
          look(
            ['get', 'events', ...namespaceFlag(container.ref), '--field-selector', `involvedObject.name=${container.ref.name}`],
            'whether it goes on: after ten minutes think of a registry that is too slow or out of reach',
          ),
        ],
      },
    ];
  });
}

function judge(a: Artifacts): Answer<ImageCause> {
  if (!anyContainer(a)) return notApplicable('No container has come this far.');
  const about = (problem: PullProblem) => pullErrors(a).filter((error) => error.problem === problem);
  const reports = [
    ...waitingFor(a, 'ErrImageNeverPull').map(neverPull),
    ...waitingFor(a, 'ImageInspectError').map(inspectError),
    ...about('onNode').map((error) => ignored(a, error)),
    ...about('kubeletLimit').map(throttled),
    ...about('schema1').map(schema1),
  ];
  const notes = pulling(a);
  if (reports.length === 0 && notes.length > 0)
    return { outcome: 'fine', says: 'An image is still being pulled.', inProgress: true, reports: notes };
  return answer([...reports, ...notes], 'No image is kept back by its pull policy or the image store.');
}

export const check = defineCheck<ImageCause>({
  question: 'start.image',
  causes: [
    'image-never-pull',
    'image-inspect-error',
    'image-local-but-policy-always',
    'image-pull-qps',
    'image-schema1-unsupported',
    'image-pulling-slowly',
  ],
  reads: pullReads,
  judge,
});
