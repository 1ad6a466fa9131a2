/** The manifest and the policies as files that people edit. */
import type { StackSource } from '../../reconcilers/stack-source.js';
import { policiesDir, stackPaths, type CommonOptions } from '../basics/paths.js';

export function fileSource(options: CommonOptions): StackSource {
  const sight = {
    manifest: stackPaths(options).manifest,
    policiesFor: (stack: Parameters<typeof policiesDir>[1]) => policiesDir(options, stack),
  };
  return { now: () => sight, revision: () => undefined, settled: () => Promise.resolve() };
}
