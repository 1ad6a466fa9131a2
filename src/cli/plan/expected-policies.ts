/** The policy set that the controller would decide by, as far as looking can tell: a new one is tested first, which a plan does not do. */
import { PolicyArchive } from '../../reconcilers/policy/policy-archive.js';
import { PolicyKeeper, type PolicyState } from '../../reconcilers/policy/policy-keeper.js';

export interface PolicyPlaces {
  /** The folder that people edit. */
  readonly dir: string;
  readonly stateDir: string;
  /** Of the set that decided last. */
  readonly revision: string | undefined;
}

export interface ExpectedPolicies {
  readonly state: PolicyState;
  /** What is assumed of them, or wrong with them; absent for a set that decides already. */
  readonly note?: string;
}

export async function expectedPolicies({ dir, stateDir, revision }: PolicyPlaces): Promise<ExpectedPolicies> {
  const archive = new PolicyArchive(stateDir);
  const keeper = new PolicyKeeper({ archive, check: () => Promise.resolve(undefined) });
  const fresh = await keeper.look(dir);
  if (fresh.active?.revision === revision && revision !== undefined) return { state: fresh };
  if (fresh.active !== undefined) {
    const what = revision === undefined ? 'the policies' : 'the policies changed and';
    return { state: fresh, note: `${what} are tested before they decide; this plan takes it that they pass` };
  }
  await keeper.restore(revision);
  const kept = await keeper.look(dir);
  return { state: kept, note: kept.problem?.message ?? 'no policy set was ever good' };
}
