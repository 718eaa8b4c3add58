/** Do the hosts, paths and annotations of an Ingress say what its controller understands? Hardly a controller tells anybody but its own log. */
import type { CauseId } from '../../causes.ts';
import type { Answer, Artifacts, ReadRequest, Report } from '../../model.ts';
import { answer, defineCheck } from '../answers.ts';
import { eventReads } from '../subject.ts';
import { controllerReads, type KnownController, knownController } from './controllers.ts';
import { foreignAnnotations } from './ing.rules.dialects.ts';
import { duplicates, otherIngressReads } from './ing.rules.duplicates.ts';
import { defaultOnly, hostsApart, unmatchable } from './ing.rules.paths.ts';
import { rewrite } from './ing.rules.rewrite.ts';
import { externalName, protocol, protocolReads } from './ing.rules.services.ts';
import { asksForStart, rejected } from './ing.rules.values.ts';
import { webhook, webhookReads } from './ing.rules.webhook.ts';
import { classOf, classReads } from './ingress-class.ts';
import { edgeReads, edgeWalkReads, namesText, noIngress, type OwnIngress, ownIngresses } from './own.ts';

export type RulesCause = Extract<
  CauseId,
  | 'ingress-default-backend-only'
  | 'ingress-host-mismatch'
  | 'ingress-path-not-matched'
  | 'ingress-rewrite-mistake'
  | 'ingress-duplicate-host-path'
  | 'ingress-wrong-annotation-dialect'
  | 'ingress-annotation-rejected'
  | 'ingress-admission-webhook'
  | 'ingress-externalname-backend'
  | 'ingress-backend-protocol'
>;

/** An Ingress with what its class says of its controller. */
export interface Ruled extends OwnIngress {
  /** `spec.controller` of the class; undefined: no class, or it could not be read. */
  readonly controller: string | undefined;
  readonly known: KnownController | undefined;
}

function ruled(a: Artifacts): Ruled[] {
  return ownIngresses(a).map((ingress) => {
    const controller = classOf(a, ingress)?.spec?.controller;
    return { ...ingress, controller, known: knownController(controller) };
  });
}

const FAULTS: readonly ((a: Artifacts, ingress: Ruled) => Report<RulesCause>[])[] = [
  webhook,
  duplicates,
  unmatchable,
  defaultOnly,
  hostsApart,
  rewrite,
  foreignAnnotations,
  rejected,
  externalName,
  protocol,
];

function judge(a: Artifacts): Answer<RulesCause> {
  const all = ruled(a);
  if (all.length === 0) return noIngress(a);
  const who = namesText(
    'Ingress',
    all.map(({ name }) => name),
  );
  return answer(
    all.flatMap((ingress) => FAULTS.flatMap((fault) => fault(a, ingress))),
    `The hosts, paths and annotations of ${who} are as ${all.length === 1 ? 'its' : 'their'} controller understands them.`,
  );
}

/** What the controller was started with is only read where a rule rests on it. */
function reads(a: Artifacts): ReadRequest[] {
  const all = ruled(a);
  if (all.length === 0) return edgeReads(a);
  return [
    ...edgeWalkReads(a),
    ...classReads(a),
    ...eventReads(a),
    ...otherIngressReads(a),
    ...all.filter((ingress) => asksForStart(a, ingress)).flatMap(({ controller }) => controllerReads(controller)),
    ...webhookReads(all),
    ...all.flatMap((ingress) => protocolReads(a, ingress)),
  ];
}

export const check = defineCheck({
  question: 'ing.rules',
  causes: [
    'ingress-default-backend-only',
    'ingress-host-mismatch',
    'ingress-path-not-matched',
    'ingress-rewrite-mistake',
    'ingress-duplicate-host-path',
    'ingress-wrong-annotation-dialect',
    'ingress-annotation-rejected',
    'ingress-admission-webhook',
    'ingress-externalname-backend',
    'ingress-backend-protocol',
  ],
  reads,
  judge,
});
