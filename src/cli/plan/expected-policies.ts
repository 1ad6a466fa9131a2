/** The policy set that the controller would decide by, as far as looking can tell: a new one is tested first, which a plan does not do. */
import type { RefusedPolicies } from '../../reconcilers/stack-state.js';
import { PolicyArchive } from '../../reconcilers/policy/policy-archive.js';
import { PolicyKeeper, type PolicyState } from '../../reconcilers/policy/policy-keeper.js';

export interface PolicyPlaces {
  /** The folder that people edit. */
  readonly dir: string;
  /** It is of a commit whose manifest is refused: what decides goes on. */
  readonly isHeld: boolean;
  readonly stateDir: string;
  /** Of the set that decided last. */
  readonly revision: string | undefined;
  /** What a controller tried since, and did not take. */
  readonly refused: RefusedPolicies | undefined;
}

export interface ExpectedPolicies {
  readonly state: PolicyState;
  /** What is assumed of them, or wrong with them; absent for a set that decides already. */
  readonly note?: string;
  /** Whether they pass their check, nobody knows yet: `note` says so. */
  readonly isUntested?: true;
}

export async function expectedPolicies(places: PolicyPlaces): Promise<ExpectedPolicies> {
  const { stateDir, revision, refused } = places;
  const archive = new PolicyArchive(stateDir);
  const keeper = new PolicyKeeper({ archive, check: () => Promise.resolve(undefined) });
  const fresh = await lookAt(places, keeper);
  if (fresh.active?.revision === revision && revision !== undefined) return { state: fresh };
  const isRefused = refused !== undefined && fresh.active?.revision === refused.revision;
  if (fresh.active !== undefined && !isRefused) {
    const what = revision === undefined ? 'the policies' : 'the policies changed and';
    const note = `${what} are tested before they decide; this plan takes it that they pass`;
    return { state: fresh, note, isUntested: true };
  }
  const active = revision === undefined ? undefined : await archive.find(revision);
  const why = isRefused
    ? `the policies on disk were refused: ${refused.problems.join('; ')}`
    : fresh.problem?.message;
  return {
    state: active === undefined ? {} : { active },
    note: why ?? 'no policy set was ever good',
  };
}

async function lookAt({ dir, isHeld, revision }: PolicyPlaces, keeper: PolicyKeeper): Promise<PolicyState> {
  if (!isHeld) return keeper.look(dir);
  await keeper.restore(revision);
  return keeper.hold(dir);
}
