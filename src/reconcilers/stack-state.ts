/**
 * The stack's own notes in the state directory (0700: they hold environment values): the last good manifest, what was served,
 * what failed, open stories. Losing them costs a retry, never a request.
 */
import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../controller/error-code.js';
import { makePrivateDirectory, makePrivateSubdirectory } from '../controller/private-directory.js';
import type { ChainHead } from '../controller/history/history-event.js';
import { StatusFile } from '../controller/status-file.js';
import type { StackSpec } from './desired/stack-spec.js';
import { homeOf, type NotesHome } from './notes-home.js';
import { EMPTY_MEMORY, type StackMemory } from './plan/memory.js';
import { newToken } from './policy/authz-policy.js';
import type { Overridden } from './policy/override.js';
import type { Decided } from './report/decided.js';
import type { ToldRevision } from './policy/source-fact.js';
import type { Denials } from './report/denials.js';
import type { OpenDrift } from './report/drift.js';
import type { SourceNotes } from './report/source-story.js';
import type { UnstableServices } from './report/unstable-story.js';
import type { Warnings } from './report/warnings.js';
import type { WaysBack } from './report/ways-back.js';
import { areTokens, isState } from './state-shape.js';

export interface StackState {
  /** Counts changes of the manifest's content. */
  readonly generation: number;
  /** Of the manifest on disk that `generation` counts. */
  readonly manifestSha256?: string | undefined;
  /** The last event that these notes know of. */
  readonly history?: ChainHead;
  /** The last valid manifest, and the generation it had. */
  readonly stack?: StackSpec;
  readonly stackGeneration: number;
  /** The commit that it came with; absent where it comes from no repository. */
  readonly revision?: ToldRevision;
  readonly memory: StackMemory;
  readonly policyRevision?: string;
  /** The set that was tried since and did not pass. */
  readonly refusedPolicies?: RefusedPolicies;
  /** What has been told of the git source. */
  readonly source?: SourceNotes;
  readonly drifts: readonly OpenDrift[];
  readonly denials: Denials;
  readonly warnings?: Warnings;
  readonly decided?: Decided;
  /** Services that do not stay up, as it was told. */
  readonly unstable?: UnstableServices;
  /** From canaries that failed and that users may still have. */
  readonly waysBack?: WaysBack;
  /** Of this generation. */
  readonly overrides?: readonly Overridden[];
}

/** As it is on disk. */
export interface KeptState extends StackState {
  /** Where it was written; absent in notes of versions that did not note it. */
  readonly home?: NotesHome;
}

export interface RefusedPolicies {
  readonly revision: string;
  readonly problems: readonly string[];
}

/** Notes that are not there, or are and are of no use. */
export interface UnreadNotes {
  readonly path: string;
  readonly isDamaged: boolean;
}

export interface Tokens {
  /** The key of which each policy engine's token is made. */
  readonly policy: string;
  readonly proxy: string;
}

const EMPTY_STATE: StackState = {
  generation: 0,
  stackGeneration: 0,
  memory: EMPTY_MEMORY,
  drifts: [],
  denials: {},
};

/** Notes of another stack, or older ones than what stands: what the stack is is read off what there is. */
export function forgotten(state: StackState): StackState {
  return { ...state, memory: EMPTY_MEMORY, drifts: [], denials: {}, waysBack: {} };
}

/** Environment values and tokens are for their owner alone. */
const SECRET = { mode: 0o600 };

export class StateStore {
  private readonly state: StatusFile;
  private readonly tokens: StatusFile;
  /** Of this life; none before it was opened. */
  private kept: Tokens | undefined;

  /** `onUnread` hears that there are no notes to begin with. */
  constructor(
    private readonly directory: string,
    onUnread: (notes: UnreadNotes) => void = () => undefined,
  ) {
    const path = join(directory, 'state.json');
    this.state = new StatusFile(path, {
      ...SECRET,
      isUsable: isState,
      onProblem: ({ kind }) => {
        onUnread({ path, isDamaged: kind !== 'missing' });
      },
    });
    this.tokens = new StatusFile(join(directory, 'tokens.json'), { ...SECRET, isUsable: areTokens });
  }

  async open(): Promise<{ state: StackState; tokens: Tokens }> {
    await makePrivateDirectory(this.directory);
    await chmod(this.directory, 0o700);
    const { state, tokens: kept } = await this.peek();
    const tokens = { policy: kept.policy ?? newToken(), proxy: kept.proxy ?? newToken() };
    await this.tokens.write(tokens);
    this.kept = tokens;
    return { state, tokens };
  }

  /** What there is, and changes nothing: tokens are absent before the first controller. Rejects where a file stands in the folder's place. */
  async peek(): Promise<{ state: StackState; tokens: Partial<Tokens> }> {
    await readdir(this.directory).catch(refuseFile);
    const kept = ((await this.state.read()) ?? {}) as Partial<StackState> & { home?: NotesHome };
    delete kept.home; // of the folder, not of the stack
    return {
      state: { ...EMPTY_STATE, ...kept },
      tokens: ((await this.tokens.read()) as Partial<Tokens> | undefined) ?? {},
    };
  }

  /** A folder that somebody removed is made again, where the one that it is in is still there. */
  async save(state: StackState): Promise<void> {
    try {
      await this.write(state);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      await makePrivateSubdirectory(this.directory);
      if (this.kept !== undefined) await this.tokens.write(this.kept);
      await this.write(state);
    }
  }

  private async write(state: StackState): Promise<void> {
    const kept: KeptState = { ...state, home: await homeOf(this.directory) };
    await this.state.write(kept);
  }
}

/** A folder that is not there or closed has no notes for us; a file can never have any. */
function refuseFile(error: unknown): void {
  if (errorCode(error) === 'ENOTDIR') throw error;
}
