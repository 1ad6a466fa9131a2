/** All that one tick learned and did, for the report; the report adds no look of its own. */
import type { SourceNow } from '../../controller/git/git-source.js';
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { Judgement } from '../judge/judgement.js';
import type { Finding } from '../plan/plan-input.js';
import type { OutdatedNote } from '../plan/outdated-notes.js';
import type { Plan } from '../plan/plan.js';
import type { World } from '../observed/world.js';
import type { StepResult } from '../apply/apply.js';
import type { PolicyState } from '../policy/policy-keeper.js';
import type { ToldRevision } from '../policy/source-fact.js';
import type { StackSpec } from '../desired/stack-spec.js';

export interface TickResult {
  readonly now: number;
  /** Of the manifest on disk. */
  readonly generation: number;
  /** Of the manifest that is reconciled; lower while the one on disk is bad. */
  readonly stackGeneration: number;
  readonly manifest: ManifestState;
  /** Absent until a manifest was valid. */
  readonly stack?: StackSpec;
  readonly policy?: PolicyState;
  readonly world?: World;
  /** The notes were older than this, and are not believed; absent where they are. */
  readonly outdated?: readonly OutdatedNote[];
  /** Revision of the policies that were asked; absent while nobody answered. */
  readonly decides?: string;
  readonly judgements?: readonly Judgement[];
  readonly plan?: Plan;
  /** Targets of steps that an earlier tick began and that have not ended. */
  readonly busy?: ReadonlySet<string>;
  /** How often we started a container again since it last stayed up, by name. */
  readonly retried?: ReadonlyMap<string, number>;
  readonly results: readonly StepResult[];
  /** What keeps parts from being as wanted: the plan's findings and what came up while applying. */
  readonly findings: readonly Finding[];
  /** Where the manifest comes from; absent for a plain file. */
  readonly source?: SourceNow;
  /** The commit that `stack` came with: the last good one while the manifest of the newest is refused. */
  readonly revision?: ToldRevision;
  /** What this look at the manifest found new. */
  readonly manifestEvent?: HistoryEventInput;
  /** Why the tick ended early: the engine did not answer. */
  readonly failure?: string;
}

export interface ManifestState {
  readonly path: string;
  readonly sha256?: string;
  readonly valid: boolean;
  /** Every problem of the manifest on disk, one line each. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}
