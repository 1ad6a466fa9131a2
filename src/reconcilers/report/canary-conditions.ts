/** The conditions that only a canary brings: whether it is healthy, how far it is, and what it waits for. Pure. */
import type { ConditionInput } from '../../controller/conditions.js';
import { specHash } from '../desired/spec-hash.js';
import type { Judgement } from '../judge/judgement.js';
import type { ServicePlan } from '../plan/plan-service.js';
import { bakeEnd, bakeOf } from '../plan/bake.js';
import type { Bake } from '../plan/memory.js';
import { isHeld, isLast, stepNumber } from '../plan/rollout.js';
import { openRaise, shareWords, type Standing } from './served-share.js';
import type { TickResult } from './tick-result.js';

export function canaryConditions({ now, plan, stack, judgements }: TickResult): ConditionInput[] {
  const canaries = (plan?.services ?? []).filter(
    ({ goals, memory }) => goals.some(({ goal }) => goal.track === 'canary') || hasFailed(memory),
  );
  if (stack === undefined || canaries.length === 0) return [];
  return [
    healthyCondition(canaries, judgements ?? []),
    promotedCondition(
      canaries.filter(({ memory }) => !hasFailed(memory)),
      now,
    ),
  ];
}

function hasFailed({ failed }: ServicePlan['memory']): boolean {
  return failed?.track === 'canary';
}

/** The worst of all canaries: failed, failing, undecided, healthy. It names those that are so. */
function healthyCondition(
  canaries: readonly ServicePlan[],
  judgements: readonly Judgement[],
): ConditionInput {
  const failed = canaries.flatMap(({ memory }) =>
    hasFailed(memory) && memory.failed !== undefined ? [memory.failed] : [],
  );
  if (failed[0] !== undefined)
    return healthy('False', failed[0].reason, failed.map(({ message }) => message).join('; '));
  const judged = judgedCondition(judgements);
  if (judged !== undefined) return judged;
  const unjudged = canaries.map(({ spec }) => `${spec.name}: the canary was not judged yet`);
  return healthy('Unknown', 'NotJudged', unjudged.join('; '));
}

/** By the last look at canaries of which none has failed; undefined without one. */
export function judgedCondition(judgements: readonly Judgement[]): ConditionInput | undefined {
  const failing = judgements.filter(({ decision }) => !decision.allow && !decision.silent);
  if (failing.length > 0) return healthy('False', 'Failing', verdictsInWords(failing));
  const open = judgements.filter(isOpen);
  if (open[0] !== undefined)
    return healthy('Unknown', open[0].decision.silent ? 'NobodyJudges' : 'Undecided', verdictsInWords(open));
  return judgements.length === 0 ? undefined : healthy('True', 'WithinLimits', verdictsInWords(judgements));
}

/** Nobody can tell; of whom nobody has asked anything, a `hold` says nothing either, nor one for want of a verdict in time. */
function isOpen({ decision, verdict, facts }: Judgement): boolean {
  if (decision.silent || verdict.verdict === 'inconclusive' || facts.canary.requests === 0) return true;
  return decision.answers.some(({ warnings = [] }) => warnings.some(({ code }) => code === UNDECIDED));
}

/** What the policies warn of where a canary is held at its deadline because it was proven neither healthy nor harmful. */
const UNDECIDED = 'on_deadline';

/** A sentence of the policies does not say whose canary it is about. */
function verdictsInWords(judgements: readonly Judgement[]): string {
  return judgements.map(({ service, verdict }) => `${service}: ${verdict.words}`).join('; ');
}

/** `live`: canaries that did not fail. */
function promotedCondition(live: readonly ServicePlan[], now: number): ConditionInput {
  if (live.length === 0) return promoted('CanaryFailed', 'there is nothing to promote: the canary failed');
  const stepping = live.filter((service) => !isBaking(service) && !isThroughItsSteps(service, now));
  const baking = live.filter(isBaking);
  if (stepping.length === 0 && baking.length > 0) return promoted('Baking', baking.map(stepWords).join('; '));
  if (stepping.length === 0) {
    const names = live.map(({ spec }) => spec.name).join(', ');
    return promoted('AwaitingPromotion', `set mode: stable to promote ${names}`);
  }
  const paused = stepping.every(({ memory }) => memory.rollout?.paused === true);
  return promoted(paused ? 'Paused' : 'CanaryInProgress', stepping.map(stepWords).join('; '));
}

/** Promoted, and not yet for good. */
function isBaking({ spec, memory: { rollout } }: ServicePlan): boolean {
  return bakeOf(spec, rollout) !== undefined;
}

/** The last one was held for its time, too. */
function isThroughItsSteps({ spec, memory: { rollout }, converged }: ServicePlan, now: number): boolean {
  return converged && rollout !== undefined && isLast(rollout, spec) && !isHeld(rollout, spec, now);
}

/** What is remembered may be of the version before. */
function stepWords({ spec, memory: { rollout, stable } }: ServicePlan): string {
  return rollout?.specHash === specHash(spec.container)
    ? `${spec.name}: ${rolloutWords({ spec, rollout, stable })}`
    : `${spec.name}: the canary is on its way`;
}

/** `step 2 of 4, 25 %`; a pause says what ends it, and a bake when. */
export function rolloutWords(canary: Standing): string {
  const { spec, rollout } = canary;
  const bake = bakeOf(spec, rollout);
  if (bake !== undefined) return bakeWords(spec, bake);
  const { step, steps } = stepNumber(rollout, spec);
  const raise = openRaise(canary);
  const more = raise === undefined ? '' : `, ${String(raise)} % when the policies say advance`;
  const place = `step ${String(step)} of ${String(steps)}, ${shareWords(canary)}${more}`;
  return rollout.paused ? `${place}, waits for a person: set pause: false` : place;
}

function bakeWords(spec: ServicePlan['spec'], bake: Bake): string {
  const { version } = spec.container;
  if (bake.isOver) return `the bake of ${version} is over, it becomes the stable version`;
  const until = new Date(bakeEnd(spec, bake)).toISOString();
  return `${version} serves everybody and bakes until ${until}, the version before stands by`;
}

function healthy(status: ConditionInput['status'], reason: string, message: string): ConditionInput {
  return { type: 'CanaryHealthy', status, reason, message };
}

function promoted(reason: string, message: string): ConditionInput {
  return { type: 'Promoted', status: 'False', reason, message };
}
