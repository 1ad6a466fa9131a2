/** The manifest and the policies as files that people edit. */
import type { PolicyChoice } from '../../reconcilers/desired/named-policies.js';
import type { StackSource } from '../../reconcilers/stack-source.js';
import { ownPoliciesDir, policiesDir, stackPaths, type CommonOptions } from '../basics/paths.js';

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

/**
 * The folder that decides goes on deciding: gone, it cannot be read, and is no wish for others; an edit of the manifest
 * chooses none. Only a folder of people's own takes its place.
 */
function faithful(options: CommonOptions): (stack: PolicyChoice) => string {
  const own = ownPoliciesDir(options);
  let decides: string | undefined;
  return (stack) => {
    const dir = policiesDir(options, stack);
    if (decides === undefined || dir === own) decides = dir;
    return decides;
  };
}
