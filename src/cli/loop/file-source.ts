/** The manifest and the policies as files that people edit. */
import type { StackSource } from '../../reconcilers/stack-source.js';
import {
  ownPoliciesDir,
  policiesDir,
  stackPaths,
  type CommonOptions,
  type PolicyChoice,
} from '../basics/paths.js';

export function fileSource(options: CommonOptions): StackSource {
  const sight = { manifest: stackPaths(options).manifest, policiesFor: faithful(options) };
  return {
    now: () => sight,
    revision: () => undefined,
    hold: () => undefined,
    held: () => undefined,
    settled: () => Promise.resolve(),
  };
}

/** A folder of people's own that was there stays the one that decides: gone, it cannot be read, and is no wish for the shipped ones. */
function faithful(options: CommonOptions): (stack: PolicyChoice) => string {
  const seen = new Set<string>();
  return (stack) => {
    const own = ownPoliciesDir(options, stack);
    const dir = policiesDir(options, stack);
    if (dir === own) seen.add(own);
    return seen.has(own) ? own : dir;
  };
}
