/** Ends for which the node is to blame: it ran out of memory as a whole, or was restarted. Its events say so, of the node and not of the container: likely. */
import { look, setResources } from '../../kubernetes/template.ts';
import type { ReadRequest } from '../../model.ts';
import { eventEvidence, inWords, secondsFromEvent } from './containers.ts';
import type { Crash, Story } from './crash-story.ts';
import type { Ending } from './endings.ts';
import { nodeEventReads, nodeEvents } from './nodes.ts';

/** How far an event of the node may be from the end of the container (seconds): the kernel is quick, a restart takes minutes. */
const NEAR = { SystemOOM: 30, Rebooted: 600 };

/** containerd and the kubelet say so of a container that they have lost. */
const LOST = ['Unknown', 'ContainerStatusUnknown'];

const isLost = ({ last }: Ending): boolean => LOST.includes(last.reason ?? '');
const isKilled = ({ exitCode, last }: Ending): boolean => exitCode === 137 && last.reason === 'Error';

/** @returns the reads of the nodes' events, for ends about which the containers themselves say nothing. */
export const crashNodeReads = (unexplained: readonly Ending[]): ReadRequest[] =>
  nodeEventReads(unexplained.filter((one) => isLost(one) || isKilled(one)).map(({ container }) => container.pod.spec?.nodeName));

/** @returns the story of an end that an event of the node explains, or undefined. */
export function nodeStory(crash: Crash): Story | undefined {
  const { ending } = crash;
  if (isKilled(ending)) return systemOom(crash);
  return isLost(ending) ? rebooted(crash) : undefined;
}

function nearEvent({ a, ending, container }: Crash, reason: keyof typeof NEAR) {
  const near = nodeEvents(a, container.pod.spec?.nodeName, reason).filter(
    (event) => Math.abs(secondsFromEvent(event, ending.last.finishedAt) ?? Number.POSITIVE_INFINITY) <= NEAR[reason],
  );
  return near.at(-1);
}

function systemOom(crash: Crash): Story | undefined {
  const { container } = crash;
  const event = nearEvent(crash, 'SystemOOM');
  if (!event) return undefined;
  const node = container.pod.spec?.nodeName ?? '';
  const victim = /victim process: (?<name>[^,]+)/.exec(event.message ?? '')?.groups?.name?.trim();
  return {
    cause: 'node-system-oom',
    confidence: 'likely',
    message: `${inWords(container)} was killed when node ${node} ran out of memory and its kernel killed ${victim || 'a process'}`,
    evidence: [eventEvidence(event)],
    remedies: container.owner.pointer
      ? [
          setResources(
            container.owner,
            container.name,
            ['--requests=memory=<what it needs>'],
            'Reserves the memory on a node, so that fewer Pods share it; rolls out new Pods.',
          ),
        ]
      : [],
    nextChecks: [look(['describe', 'node', node], 'Shows how much memory the node has, who has asked for it, and what is reserved.')],
  };
}

function rebooted(crash: Crash): Story | undefined {
  const { container } = crash;
  const event = nearEvent(crash, 'Rebooted');
  if (!event) return undefined;
  const node = container.pod.spec?.nodeName ?? '';
  return {
    cause: 'node-rebooted',
    confidence: 'likely',
    message: `node ${node} was restarted, and ${inWords(container)} with it`,
    evidence: [eventEvidence(event)],
    nextChecks: [
      look(
        ['get', 'pods', '-A', '--field-selector', `spec.nodeName=${node}`],
        'Shows whether the other Pods of the node have come up again.',
      ),
    ],
  };
}
