/** What can be explained beside the manifest's fields: the conditions of status.json and the events of history.jsonl. Pure. */
import { distance } from 'fastest-levenshtein';
import { CONDITION_TYPES } from '../../controller/conditions.js';
import { HISTORY_EVENTS, type HistoryEventName } from '../../controller/history/history-event.js';
import { suggestWord } from '../../reconcilers/desired/suggest-word.js';

/** As `-o json` prints it (schema/explain.schema.json). */
export interface TopicDoc {
  readonly topic: 'condition' | 'event';
  readonly name: string;
  readonly meaning: string;
  /** Of a condition: how to read `True`. */
  readonly polarity?: string;
  readonly absentWhen?: string;
}

export type FoundTopic =
  | { readonly kind: 'topics'; readonly docs: readonly TopicDoc[] }
  /** It was a topic that was asked for, but there is none of that name. */
  | { readonly kind: 'none'; readonly why: string };

/** An event that is missing here does not compile. */
const EVENT_MEANINGS: Readonly<Record<HistoryEventName, string>> = {
  deploy: 'A version serves that was no promotion.',
  promote: "A canary serves, or the stable track took the canary's version; `target_mode` says which.",
  status_scrape: 'What was measured: error rate, latency, and how the policies judge it.',
  rollback: 'The stable version serves again in place of a canary.',
  canary_step: "A canary's share of the requests is served: which step of how many.",
  canary_share:
    'A canary has more of the requests than its step says, or none, because replicas are away; or its share again.',
  canary_look: 'What the judge found in one look at a canary: figures, evidence, and the verdict.',
  policy_denied: 'A policy said no, or nobody could be asked: rules, observed values and limits.',
  policy_warning:
    'A policy let a step pass and wants people to know of something: rules and observed values.',
  policy_overridden:
    'A person had done what a policy denies, once, and the policies allowed that: who, why, which rules.',
  policy_changed: 'Another set of policies decides from now on.',
  policy_rejected:
    'Policies on disk failed their check, or cannot be read: the last good ones keep deciding; before the first good ones nothing is deployed.',
  drift_detected: 'The world left the state that was applied, with no change of the manifest.',
  drift_healed: 'What drifted is as it should be again.',
  replica_failed: 'A new version did not get healthy; its last words are in `log`.',
  replica_unstable:
    'A service that was ready does not stay up: how often it was restarted, and how it ended.',
  source_changed:
    'Another commit of the git source was fetched, and is the wish from now on, unless `manifest_invalid` refuses it.',
  source_rejected:
    'The git source cannot be followed, or its newest commit must not be applied: the last one stays.',
  source_pruned: 'A commit of the git source deleted the manifest, and `prune` removes the stack for that.',
  manifest_changed: "The manifest's content changed: a new generation is in force.",
  manifest_invalid: 'The manifest has errors and was refused; nothing that runs was changed.',
  suspended: 'A person, or the manifest, wants nothing to be changed: who, why, until when.',
  resumed: 'That is over: by a word of its own, or in time; what was withheld goes on.',
  chaos: "The app's chaos mode changed.",
  controller_started: 'A controller, or a command in its place, took the stack over.',
  controller_stopped: 'It ended in order.',
  history_repaired: 'The history itself had to be put right: what was cut off is kept beside it.',
  notes_outdated:
    'The notes in the state directory were older than what serves, as after a backup was put back: they were not believed.',
  step: 'A step worth remembering that has no event of its own, such as a teardown.',
};

const CONDITIONS: readonly TopicDoc[] = Object.entries(CONDITION_TYPES).map(([name, doc]) => ({
  topic: 'condition',
  name,
  ...doc,
}));

const EVENTS: readonly TopicDoc[] = HISTORY_EVENTS.map((name) => ({
  topic: 'event',
  name,
  meaning: EVENT_MEANINGS[name],
}));

/** `conditions.Ready` and so on, for completion. */
export const TOPIC_PATHS: readonly string[] = ['conditions', 'events'].flatMap((word) => [
  word,
  ...topicsOf(word).map(({ name }) => `${word}.${name}`),
]);

/** `conditions`, `condition.Ready`, or the bare name of either kind, which no field has; undefined for what is none of these. */
export function findTopic(typed: string): FoundTopic | undefined {
  const bare = [...CONDITIONS, ...EVENTS].find(({ name }) => name === typed);
  if (bare !== undefined) return { kind: 'topics', docs: [bare] };
  const [word = '', name, ...more] = typed.split(/[./]/);
  const docs = topicsOf(word);
  if (docs.length === 0 || more.length > 0) return undefined;
  if (name === undefined) return { kind: 'topics', docs };
  const found = docs.find((doc) => doc.name.toLowerCase() === name.toLowerCase());
  return found === undefined ? noTopic(word, name, docs) : { kind: 'topics', docs: [found] };
}

/** Nearer than that it would take many a condition's reason for a condition. */
const MOST_SLIPS = 2;
const MOST_LETTERS = 64;

/** The condition or event that was probably meant; undefined where none is near, or a field (`rival`) is at least as near. */
export function nearTopic(typed: string, rival: string | undefined): string | undefined {
  if (typed.length > MOST_LETTERS) return undefined;
  const names = [...CONDITIONS, ...EVENTS].map(({ name }) => name);
  const slips = (name: string) => distance(typed.toLowerCase(), name.toLowerCase());
  const [near] = names.sort((a, b) => slips(a) - slips(b));
  if (near === undefined || slips(near) > Math.min(MOST_SLIPS, near.length / 3)) return undefined;
  const last = rival?.split('.').at(-1);
  return last !== undefined && slips(last) <= slips(near) ? undefined : near;
}

function topicsOf(word: string): readonly TopicDoc[] {
  if (/^conditions?$/.test(word)) return CONDITIONS;
  return /^events?$/.test(word) ? EVENTS : [];
}

function noTopic(word: string, name: string, docs: readonly TopicDoc[]): FoundTopic {
  const names = docs.map((doc) => doc.name);
  const near = names.find((known) => known.toLowerCase() === suggestWord(name, lowered(names)));
  const kind = word.replace(/s$/, '');
  const hint = near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`;
  return { kind: 'none', why: `there is no ${kind} ${name}: ${hint}` };
}

function lowered(names: readonly string[]): readonly string[] {
  return names.map((name) => name.toLowerCase());
}
