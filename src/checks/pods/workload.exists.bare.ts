/** A Pod that was named itself and has no controller. */
import { refOf, valueOf } from '../../artifacts.ts';
import type { Pod } from '../../kinds.ts';
import { look, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Report } from '../../model.ts';
import { absent, seen } from '../answers.ts';
import { controllerOf, targetRead } from '../subject.ts';

/** @returns the note that nothing makes a new Pod in the place of one that nobody owns; once it has failed or is being deleted. */
export function bare(a: Artifacts): Report<'bare-pod-not-recreated'>[] {
  const pod = a.target.kind === 'Pod' ? (valueOf(targetRead(a)) as Pod | undefined) : undefined;
  const { metadata, status } = pod ?? {};
  const over = status?.phase === 'Failed';
  if (!pod || controllerOf(pod) || !(over || metadata?.deletionTimestamp)) return [];
  const ref = refOf('Pod', pod);
  return [
    {
      cause: 'bare-pod-not-recreated',
      severity: 'info',
      confidence: 'certain',
      object: ref,
      message: 'no controller owns the Pod, so that nothing makes a new one in its place',
      evidence: [
        absent(ref, 'metadata.ownerReferences'),
        over ? seen(ref, 'status.phase', 'Failed') : seen(ref, 'metadata.deletionTimestamp', metadata?.deletionTimestamp),
      ],
      nextChecks: [
        look(
          ['get', 'pod', ref.name, ...namespaceFlag(ref), '-o', 'yaml'],
          'its spec: put into the template of a Deployment or a Job, it is made anew',
        ),
      ],
    },
  ];
}
