/** The manifest as it stands on disk and the last one that was good: a bad one changes nothing that runs. */
import { MAX_MANIFEST_BYTES } from './desired/decode-text.js';
import { loadManifest } from './desired/load-manifest.js';
import { formatProblem } from './desired/manifest-problem.js';
import { unheardWords } from './desired/named-policies.js';
import type { StackSpec } from './desired/stack-spec.js';
import { readSource } from '../controller/read-source.js';
import type { HistoryEventInput } from '../controller/history/history-event.js';
import type { ManifestState } from './report/tick-result.js';
import type { SourceSight } from './stack-source.js';

export interface ManifestLook {
  readonly state: ManifestState;
  /** The manifest to reconcile: today's, or the last good one. */
  readonly stack?: StackSpec;
  readonly generation: number;
  /** The generation that `stack` came with. */
  readonly stackGeneration: number;
  readonly event?: HistoryEventInput;
  /** It was being written while we read: look again very soon and say nothing yet. */
  readonly unsettled: boolean;
}

export interface KnownManifest {
  readonly generation: number;
  readonly manifestSha256?: string | undefined;
  readonly stack?: StackSpec;
  readonly stackGeneration: number;
}

/** A bad file this young is taken for one that is still being written. */
const WRITING_MS = 100;

/** A manifest by its name for people, and the file that holds it where that is another. */
export interface ManifestPlace {
  readonly path: string;
  readonly file?: string;
}

/** `stackName`: the name under which this stack runs; it cannot change while it does. `load`: whoever looks often remembers. */
export async function lookAtManifest(
  { path, file = path }: ManifestPlace,
  known: KnownManifest,
  stackName: string | undefined,
  load = loadManifest,
): Promise<ManifestLook> {
  const source = await readSource(file, MAX_MANIFEST_BYTES);
  if (source.kind === 'unreadable') return unreadable(path, known, source.message);
  const changed = source.sha256 !== known.manifestSha256;
  const generation = changed ? known.generation + 1 : known.generation;
  const result = load(source.bytes, path);
  const problems = result.ok ? renamed(path, result.stack, stackName) : result.problems.map(formatProblem);
  const warnings = result.ok ? result.warnings.map(formatProblem) : [];
  const valid = result.ok && problems.length === 0;
  const state: ManifestState = { path, sha256: source.sha256, valid, problems, warnings };
  if (valid)
    return {
      state,
      stack: result.stack,
      generation,
      stackGeneration: generation,
      unsettled: false,
      ...(changed
        ? { event: changedEvent(source.sha256, generation, leaving(known.stack, result.stack)) }
        : {}),
    };
  const unsettled = changed && Date.now() - source.modifiedAt < WRITING_MS;
  const event = changed ? { event: invalidEvent(problems, generation, source.sha256) } : {};
  return { ...lastGood(known), state, generation, unsettled, ...event };
}

/** With a warning where the manifest names a folder of policies and another decides; told with the change, too. */
export function withUnheard(look: ManifestLook, { manifest, policiesFor }: SourceSight): ManifestLook {
  const { state, stack, event } = look;
  if (!state.valid || stack === undefined) return look;
  const words = unheardWords(manifest, stack, policiesFor(stack));
  if (words === undefined) return look;
  const warning = `${state.path} ${words}`;
  return {
    ...look,
    state: { ...state, warnings: [...state.warnings, warning] },
    ...(event === undefined ? {} : { event: { ...event, warnings: [warning] } }),
  };
}

function unreadable(path: string, known: KnownManifest, message: string): ManifestLook {
  const problems = [`${path} ${message}`];
  const changed = known.manifestSha256 !== undefined;
  const generation = changed ? known.generation + 1 : known.generation;
  const state: ManifestState = { path, valid: false, problems, warnings: [] };
  return {
    ...lastGood(known),
    state,
    generation,
    unsettled: false,
    ...(changed ? { event: invalidEvent(problems, generation) } : {}),
  };
}

function lastGood({ stack, stackGeneration }: KnownManifest) {
  return stack === undefined ? { stackGeneration } : { stack, stackGeneration };
}

function renamed(path: string, stack: StackSpec, stackName: string | undefined): string[] {
  const refusal = renameRefusal(stack.name, stackName);
  return refusal === undefined ? [] : [`${path} ${refusal}`];
}

/** Why a stack cannot be called `name` while it runs as `runsAs`; undefined when it can. */
export function renameRefusal(name: string, runsAs: string | undefined): string | undefined {
  if (runsAs === undefined || name === runsAs) return undefined;
  return `the stack runs as ${runsAs} and cannot become ${name}: tear it down first, or keep "name: ${runsAs}"`;
}

function changedEvent(sha256: string, generation: number, removed: readonly string[]): HistoryEventInput {
  return { event: 'manifest_changed', generation, sha256, ...(removed.length === 0 ? {} : { removed }) };
}

/** Names of services that the last good manifest had. */
function leaving(before: StackSpec | undefined, { services }: StackSpec): string[] {
  const wanted = new Set(services.map(({ name }) => name));
  return (before?.services ?? []).map(({ name }) => name).filter((name) => !wanted.has(name));
}

/** No `sha256`: it cannot be read. */
function invalidEvent(problems: readonly string[], generation: number, sha256?: string): HistoryEventInput {
  return { event: 'manifest_invalid', generation, problems, ...(sha256 === undefined ? {} : { sha256 }) };
}
