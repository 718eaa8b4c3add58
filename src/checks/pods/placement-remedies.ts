/** What helps Pods that get into each other's way: fewer of them, or the old ones leave first. */
import { kubectl, kubectlName, mergePatch, namespaceFlag } from '../../kubernetes/template.ts';
import type { Artifacts, Remedy } from '../../model.ts';
import { workloadOf } from '../subject.ts';
import { placed } from './placement.ts';
import type { Unscheduled } from './unscheduled.ts';

/** Scales to what is placed. The controllers delete Pods without a node first (pkg/controller/controller_utils.go, ActivePodsWithRanks). */
export function fewerReplicas(a: Artifacts, one: Unscheduled, runs: string): Remedy[] {
  const { current, old } = placed(a, one);
  const own = workloadOf(a, one.pod);
  const { kind } = one.owner.ref;
  const scales = (kind === 'Deployment' || kind === 'StatefulSet' || kind === 'ReplicaSet') && own?.ref.name === one.owner.ref.name;
  if (!scales || old.length > 0 || current.length === 0 || current.length >= (own.desired ?? 0)) return [];
  return [kubectl(['scale', kubectlName(one.owner.ref), ...namespaceFlag(one.owner.ref), `--replicas=${current.length}`], `Runs ${runs}.`)];
}

/** For a rollout whose old Pods hold what the new ones need. */
export function oldPodsFirst(a: Artifacts, one: Unscheduled): Remedy[] {
  if (one.owner.ref.kind !== 'Deployment' || placed(a, one).old.length === 0) return [];
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
  return [
    mergePatch(one.owner.ref, { spec: { strategy } }, 'Lets an old Pod go before a new one comes, in this rollout and in later ones.'),
  ];
}
