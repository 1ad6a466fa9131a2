/** How a service's requests move from where they go to where they should go, and under which question. */
import type { ServiceSpec } from '../desired/stack-spec.js';
import type { Goal } from './goals.js';
import { dropsOnlyTheIll, movesNobody } from './lets-go.js';
import type { PlanInput } from './plan-input.js';
import { canaryShare, type RouteModel } from './proxy-model.js';
import { isRouteEdit } from './route-edit.js';
import { servedRoute, weightsText, type RouteDecision } from './route.js';
import { samePlace, sameRoute } from './same.js';
import { goalGate } from './service-slots.js';
import type { Chain, StepGate } from './steps.js';

interface Shift {
  readonly spec: ServiceSpec;
  readonly route: RouteDecision | undefined;
  /** The canary was never served at this share. */
  readonly isNextStep: boolean;
}

/** At most one step: what is served becomes what should be served next, asked as what that means for users. */
export function planShift(input: PlanInput, { spec, route, isNextStep }: Shift): Chain {
  const served = servedRoute(input, spec.name);
  const goal = route?.serving?.goal;
  if (route === undefined || goal === undefined || !proxyAnswers(input)) return [];
  if (served === undefined || !samePlace(route.next, served)) return []; // the proxy learns of it first
  if (sameRoute(route.next, served)) return [];
  const weights = weightsText(route.next);
  const cause = `${weightsText(served)} → ${weights}`;
  return [
    {
      kind: 'shiftTraffic',
      target: spec.name,
      cause,
      route: route.next,
      weights,
      gate: gateOfShift(input, goal, {
        spec,
        from: served,
        to: route.next,
        changesHands: route.changesHands,
        isNextStep,
      }),
    },
  ];
}

interface Move {
  readonly spec: ServiceSpec;
  readonly from: RouteModel;
  readonly to: RouteModel;
  readonly changesHands: boolean;
  readonly isNextStep: boolean;
}

function gateOfShift(input: PlanInput, goal: Goal, move: Move): StepGate {
  const { spec, from, to, changesHands, isNextStep } = move;
  if (dropsOnlyTheIll(input, to, from)) return { ...shiftGate(goal, false), direction: 'back' };
  if (movesNobody(to, from)) return { ...shiftGate(goal, false), question: 'remove', direction: 'back' };
  const gate = shiftGate(goal, changesHands);
  const rise = canaryShare(to) - canaryShare(from);
  if (rise < 0 && gate.question === 'heal') return { ...gate, question: 'rollback', direction: 'back' };
  if (rise === 0 && gate.question === 'heal' && isRouteEdit(input, spec, move))
    return { ...gate, question: 'replace' };
  return rise > 0 && isNextStep ? { ...gate, question: 'start_canary' } : gate;
}

/** A version that serves already is healed; falling back to one is the way back. */
function shiftGate(goal: Goal, changesHands: boolean): StepGate {
  const gate = goalGate(goal, goal.proven && goal.question === 'heal');
  const isWayBack = changesHands && goal.proven && goal.part !== 'wanted';
  return isWayBack ? { ...gate, question: 'rollback', direction: 'back' } : gate;
}

function proxyAnswers(input: PlanInput): boolean {
  return input.world.proxy.containerId !== undefined && input.world.proxy.model !== undefined;
}
