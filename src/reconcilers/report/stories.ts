/** Everything that goes on for longer than a tick, one tick further: drift, denials, warnings, versions. Pure. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { StackState } from '../stack-state.js';
import { shareEvents, stepEvents } from './canary-events.js';
import { decidedOnCanaries, trackDecided, withDecision } from './decided.js';
import { trackDenials } from './denials.js';
import { trackDrift } from './drift.js';
import { withDecisions } from './drift-decision.js';
import { rolloutEvents } from './rollout-events.js';
import type { TickResult } from './tick-result.js';
import { trackUnstable } from './unstable-story.js';
import { trackWarnings } from './warnings.js';
import { begunWaysBack, trackWaysBack } from './ways-back.js';

export type Stories = Pick<
  StackState,
  'drifts' | 'denials' | 'warnings' | 'decided' | 'unstable' | 'waysBack'
>;

export interface StoryChange {
  readonly stories: Stories;
  readonly events: readonly HistoryEventInput[];
}

/** A tick that planned nothing has learned nothing but what became of earlier steps. */
export function continueStories(tick: TickResult, before: StackState): StoryChange {
  const { plan, results, stackGeneration: generation } = tick;
  const onCanaries = decidedOnCanaries(tick.judgements ?? []);
  const begun = begunWaysBack(before.memory, results, (event) =>
    withDecision({ ...event, generation }, onCanaries),
  );
  const { waysBack: open = {} } = before;
  if (plan === undefined)
    return {
      stories: {
        ...unchanged(before),
        drifts: withDecisions(before.drifts, results),
        waysBack: { ...open, ...begun },
      },
      events: [],
    };
  const { open: drifts, events: drifted } = trackDrift(before.drifts, { ...tick, plan });
  const { denials, events: denied } = trackDenials(before.denials, { ...tick, plan });
  const { warnings, events: warned } = trackWarnings(before.warnings ?? {}, { ...tick, plan });
  const { open: waysBack, events: back } = trackWaysBack(open, begun, { ...tick, plan });
  const { decided: known = {} } = before;
  const { unstable, events: shaken } = trackUnstable(before.unstable ?? {}, plan, tick);
  const rollouts = [
    ...rolloutEvents(before.memory, plan.services),
    ...stepEvents(before.memory, plan.services),
    ...shareEvents(before.memory, plan.services),
  ].map((event) => withDecision({ ...event, generation }, known));
  const decided = trackDecided(known, { plan, results }, rollouts);
  return {
    stories: { drifts, denials, warnings, decided, unstable, waysBack },
    events: [...drifted, ...denied, ...warned, ...shaken, ...back, ...rollouts],
  };
}

function unchanged({ drifts, denials, warnings = {}, decided = {}, unstable = {} }: StackState): Stories {
  return { drifts, denials, warnings, decided, unstable };
}
