/** The revisions of a stack's policies, from the events of its history: as data (schema/policy-history.schema.json) and as lines. Pure. */
import type { Paint } from '../basics/talk.js';
import { harmless } from '../events/event-line.js';
import type { LooseEvent } from '../telling/loose-event.js';

export interface RevisionsDocument {
  readonly apiVersion: 'swiftdeploy/v1';
  readonly kind: 'PolicyHistory';
  /** Of the policies that decide now; absent where none ever did. */
  readonly decides?: string;
  /** Oldest first. */
  readonly revisions: readonly Revision[];
}

export interface Revision {
  /** As it stands in the history. */
  readonly at: string;
  /** Absent for a folder that could not be read as a set. */
  readonly revision?: string;
  readonly result: 'activated' | 'rejected';
  /** It decides since then, and still does. */
  readonly decides: boolean;
  /** What differs from the set before; of an activated one. */
  readonly files: readonly string[];
  /** Why it was refused. */
  readonly problems: readonly string[];
}

export function isOfPolicies({ event }: LooseEvent): boolean {
  return event === 'policy_changed' || event === 'policy_rejected';
}

/** `active`: the revision that the controller noted. */
export function revisionsDocument(
  events: readonly LooseEvent[],
  active: string | undefined,
): RevisionsDocument {
  const last = events.findLast(({ event, revision }) => event === 'policy_changed' && revision === active);
  const revisions = events.map((event) => ({ ...revisionOf(event), decides: event === last }));
  return {
    apiVersion: 'swiftdeploy/v1',
    kind: 'PolicyHistory',
    ...(active === undefined ? {} : { decides: active }),
    revisions,
  };
}

function revisionOf({ timestamp, event, revision, files, problems }: LooseEvent): Omit<Revision, 'decides'> {
  return {
    at: timestamp,
    ...(typeof revision === 'string' ? { revision } : {}),
    result: event === 'policy_changed' ? 'activated' : 'rejected',
    files: texts(files),
    problems: texts(problems),
  };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map((item) => String(harmless(item))) : [];
}

/** Several lines. */
export function historyPage(document: RevisionsDocument, paint: Paint): string {
  return [
    ...document.revisions.flatMap((revision) => revisionLines(revision, paint)),
    ...endLines(document),
  ].join('\n');
}

function revisionLines(revision: Revision, paint: Paint): readonly string[] {
  const { at, result, decides, files, problems } = revision;
  const head = `${paint('dim', at.replace(/\.\d+Z$/, 'Z'))}  ${mark(revision, paint)} ${short(revision)}`;
  if (result === 'rejected') return [`${head} refused:`, ...problems.map((problem) => `    ${problem}`)];
  const now = decides ? paint('green', ' (decides now)') : '';
  return [`${head} took over${now}: ${filesWords(files)}`];
}

function mark({ result, decides }: Revision, paint: Paint): string {
  if (result === 'rejected') return paint('red', '✘');
  return decides ? paint('green', '●') : paint('dim', '○');
}

function short({ revision }: { readonly revision?: string }): string {
  return revision?.slice(0, 12) ?? 'the folder was';
}

/** A first revision is every file. */
const MOST_FILES = 6;

function filesWords(files: readonly string[]): string {
  if (files.length === 0) return 'no file is named';
  const rest = files.length - MOST_FILES;
  const more = rest > 0 ? ` and ${String(rest)} more` : '';
  return `${files.slice(0, MOST_FILES).join(', ')}${more}`;
}

function endLines({ decides, revisions }: RevisionsDocument): readonly string[] {
  if (decides === undefined) return ['No policies decide here yet.'];
  if (revisions.some((revision) => revision.decides)) return [];
  return [`Revision ${short({ revision: decides })} decides now.`];
}
