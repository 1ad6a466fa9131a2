/** What is remembered after a tick, and the events that it is told by. Pure. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import { doneSteps, refusedCreations } from '../apply/apply.js';
import { withDone, type StackMemory } from '../plan/memory.js';
import { withRefused } from '../plan/refused-creation.js';
import type { StackState } from '../stack-state.js';
import { trackOverrides } from './overrides.js';
import { sourceEvents, withAuthor } from './source-story.js';
import { continueStories } from './stories.js';
import type { TickResult } from './tick-result.js';

export function nextState(
  tick: TickResult,
  before: StackState,
): { state: StackState; events: readonly HistoryEventInput[] } {
  const { results, manifest, generation, stackGeneration, stack, revision, policy } = tick;
  const { stories, events: told } = continueStories(tick, before);
  const { events: ofSource, notes } = sourceEvents(tick.source, before.source);
  const events: readonly HistoryEventInput[] = [
    ...(tick.outdated ?? []).map((note) => ({ event: 'notes_outdated' as const, ...note })),
    ...ofSource,
    ...(tick.manifestEvent === undefined ? [] : [withAuthor(tick.manifestEvent, tick)]),
    ...(policy?.change === undefined ? [] : [{ ...policy.change }]),
    ...told,
  ];
  const state: StackState = {
    generation,
    stackGeneration,
    ...(manifest.sha256 === undefined ? {} : { manifestSha256: manifest.sha256 }),
    ...(stack === undefined ? {} : { stack }),
    ...(revision === undefined ? {} : { revision }),
    memory: nextMemory(tick, before),
    ...(policy?.active === undefined ? {} : { policyRevision: policy.active.revision }),
    ...refusedPolicies(policy?.change, before),
    ...stories,
    source: notes,
    overrides: trackOverrides(before.overrides ?? [], results, stackGeneration),
  };
  return { state, events };
}

function nextMemory({ plan, results, now }: TickResult, before: StackState): StackMemory {
  const memory = withDone(plan?.memory ?? before.memory, doneSteps(results), now);
  return withRefused(memory, refusedCreations(results), now);
}

/** Remembered until another set is tried: whoever plans does not test. */
function refusedPolicies(
  change: NonNullable<TickResult['policy']>['change'],
  { refusedPolicies: known }: StackState,
): Pick<StackState, 'refusedPolicies'> {
  if (change?.event === 'policy_changed') return {};
  const { revision, problems } = change ?? {};
  if (revision !== undefined && problems !== undefined) return { refusedPolicies: { revision, problems } };
  return known === undefined ? {} : { refusedPolicies: known };
}
