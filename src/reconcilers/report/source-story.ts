/** What the git source is doing, for conditions, status and history. Pure. */
import type { ConditionInput } from '../../controller/conditions.js';
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { SourceHealth, SourceNow } from '../../controller/git/git-source.js';
import type { Deletion, Revision } from '../../controller/git/revision.js';
import type { TickResult } from './tick-result.js';

/** What has been told of the source. */
export interface SourceNotes {
  readonly commit?: string;
  /** The reasons why a newer revision is not applied; absent while all is well. */
  readonly problem?: string;
}

/** Of a revision, in the history: a commit that touches more is named by its commit. */
const MOST_PATHS = 20;

export function sourceConditions(source: SourceNow | undefined): readonly ConditionInput[] {
  if (source === undefined) return [];
  const { ready, verified } = source;
  return [
    condition('SourceReady', ready),
    ...(verified === undefined ? [] : [condition('SourceVerified', verified)]),
  ];
}

function condition(type: 'SourceReady' | 'SourceVerified', health: SourceHealth): ConditionInput {
  const status = isUnknown(health) ? 'Unknown' : health.ok ? 'True' : 'False';
  return { type, status, reason: health.reason, message: health.message };
}

/** Before the first look has ended. */
function isUnknown({ reason }: SourceHealth): boolean {
  return reason === 'Starting';
}

/** The commit whose wish is reconciled, as status.json and events name it; the folder is nobody's business. */
export function sourceStatus({ source, revision }: Pick<TickResult, 'source' | 'revision'>) {
  if (source === undefined || revision === undefined) return undefined;
  const { deletion } = source;
  const { commit, ref, author, committedAt, subject, signer } = deletion ?? revision;
  return {
    ...{ commit, ref, author, committedAt, subject },
    ...(signer === undefined ? {} : { signer }),
    ...(deletion === undefined ? {} : { pruned: true }),
  };
}

/** What is new since `told`: another revision, or another reason why there is none. */
export function sourceEvents(
  source: SourceNow | undefined,
  told: SourceNotes = {},
): { readonly events: readonly HistoryEventInput[]; readonly notes: SourceNotes } {
  if (source === undefined) return { events: [], notes: told };
  const { revision, deletion } = source;
  const failing = failureOf(source);
  const events: HistoryEventInput[] = [];
  if (deletion !== undefined && deletion.commit !== told.commit) events.push(pruned(deletion, told.commit));
  if (deletion === undefined && revision !== undefined && revision.commit !== told.commit)
    events.push(changed(revision, told.commit));
  if (failing !== undefined && failing.reason !== told.problem)
    events.push({ event: 'source_rejected', reason: failing.reason, message: failing.message });
  const commit = (deletion ?? revision)?.commit ?? told.commit;
  return {
    events,
    notes: {
      ...(commit === undefined ? {} : { commit }),
      ...(failing === undefined ? {} : { problem: failing.reason }),
    },
  };
}

/** Why what is newest in the repository is not what is reconciled. */
export function failureOf({ ready, verified }: SourceNow): SourceHealth | undefined {
  return [ready, verified].find((health) => health?.ok === false && !isUnknown(health));
}

function changed(revision: Revision, before: string | undefined): HistoryEventInput {
  const { changedPaths } = revision;
  return {
    event: 'source_changed',
    ...followed(revision, before),
    ...(changedPaths === undefined
      ? {}
      : { changed_paths: changedPaths.slice(0, MOST_PATHS), changed_count: changedPaths.length }),
  };
}

function pruned(deletion: Deletion, before: string | undefined): HistoryEventInput {
  return { event: 'source_pruned', ...followed(deletion, before) };
}

/** The commit that is followed from now on, and the one before it. */
function followed(
  { commit, ref, author, subject, committedAt, signer }: Revision | Deletion,
  before: string | undefined,
) {
  return {
    ...{ commit, ref, author, subject },
    committed_at: committedAt,
    ...(signer === undefined ? {} : { signer }),
    ...(before === undefined ? {} : { before }),
  };
}

type Sight = Pick<TickResult, 'source' | 'revision'>;

/** Who is behind a new manifest, in its event; with one that is refused, the commit that stays in force. */
export function withAuthor(
  event: HistoryEventInput,
  { source, revision: inForce }: Sight,
): HistoryEventInput {
  const revision = source?.revision;
  if (revision === undefined || !TELLS_WHO.has(event.event)) return event;
  const { commit, author, subject, committedAt } = revision;
  const isRefused = event.event === 'manifest_invalid' && inForce !== undefined;
  const applied = isRefused ? { applied_commit: inForce.commit } : {};
  return { ...event, commit, author, subject, committed_at: committedAt, ...applied };
}

const TELLS_WHO: ReadonlySet<string> = new Set(['manifest_changed', 'manifest_invalid']);
