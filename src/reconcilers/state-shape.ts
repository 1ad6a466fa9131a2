/** Whether the stack's own notes can be worked with. What they do not have is as in a new stack; what they have has to be right. */
import type { ChainHead } from '../controller/history/history-event.js';
import {
  flag,
  listOf,
  number,
  objectOf,
  optional,
  plainObject,
  recordOf,
  text,
} from '../controller/shape.js';
import { stackSpecShape } from './desired/spec-shape.js';
import { memoryShape } from './memory-shape.js';
import type { NotesHome } from './notes-home.js';
import type { AnswerNote, DecisionNote } from './policy/decision-note.js';
import type { OverriddenDenial, Overridden } from './policy/override.js';
import type { ToldRevision } from './policy/source-fact.js';
import type { Denial } from './report/denials.js';
import type { OpenDrift } from './report/drift.js';
import type { SourceNotes } from './report/source-story.js';
import type { ToldReplica } from './report/unstable-story.js';
import type { Warning } from './report/warnings.js';
import type { WayBack } from './report/ways-back.js';
import type { KeptState, RefusedPolicies, Tokens } from './stack-state.js';

const revision = objectOf<ToldRevision>({
  commit: text,
  author: text,
  committedAt: text,
  subject: text,
  ref: text,
  changedPaths: optional(listOf(text)),
  signer: optional(text),
});

const denial = objectOf<Denial>({
  rules: text,
  sentence: text,
  refusal: optional(
    objectOf<NonNullable<Denial['refusal']>>({ generation: number, at: text, rules: text, sentence: text }),
  ),
});

const answer = objectOf<AnswerNote>({
  domain: text,
  question: text,
  allow: flag,
  decision_id: optional(text),
  evaluation_ms: optional(number),
});

const decision = objectOf<DecisionNote>({
  revision: optional(text),
  opa_version: optional(text),
  answers: listOf(answer),
});

const drift = objectOf<OpenDrift>({
  kind: text,
  target: text,
  cause: text,
  since: number,
  decision: optional(decision),
});

const overridden = objectOf<Overridden>({
  generation: number,
  question: text,
  target: text,
  who: text,
  why: text,
  denied: listOf(objectOf<OverriddenDenial>({ question: text, domain: text, code: text, message: text })),
});

const warning = objectOf<Warning>({
  name: text,
  specHash: optional(text),
  revision: text,
  rules: text,
  sentence: text,
});

const state = objectOf<KeptState>({
  home: optional(objectOf<NotesHome>({ path: text, inode: text })),
  generation: optional(number),
  manifestSha256: optional(text),
  history: optional(objectOf<ChainHead>({ seq: number, prev: text })),
  stack: optional(stackSpecShape),
  stackGeneration: optional(number),
  revision: optional(revision),
  memory: optional(memoryShape),
  policyRevision: optional(text),
  refusedPolicies: optional(objectOf<RefusedPolicies>({ revision: text, problems: listOf(text) })),
  source: optional(objectOf<SourceNotes>({ commit: optional(text), problem: optional(text) })),
  drifts: optional(listOf(drift)),
  denials: optional(recordOf(denial)),
  warnings: optional(recordOf(warning)),
  decided: optional(recordOf(decision)),
  unstable: optional(recordOf(objectOf<ToldReplica>({ target: text, restarts: number, end: text }))),
  waysBack: optional(
    recordOf(
      objectOf<Omit<WayBack, 'event'> & { event: object }>({ from: text, to: text, event: plainObject }),
    ),
  ),
  overrides: optional(listOf(overridden)),
});

export function isState(value: unknown): value is Partial<KeptState> {
  return state(value);
}

export const areTokens = objectOf<Tokens>({ policy: optional(text), proxy: optional(text) });
