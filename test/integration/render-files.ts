/** Two whole sets of generated files that differ in every file, and what the process that writes them prints. */
import type { GeneratedFile } from '../../src/reconcilers/render/stack-files.js';
import { WRITTEN_BY } from '../../src/reconcilers/render/written-by.js';

export const TICK = '.';
export const REPLACED = '!';

export type Edition = 'even' | 'odd';

export function generatedFiles(edition: Edition): readonly GeneratedFile[] {
  const paths = ['docker-compose.yml', 'nginx.conf', 'opa/.manifest', `opa/${edition}/data.json`];
  return paths.map((path) => ({
    path,
    content: Buffer.from(`${WRITTEN_BY} ${edition.repeat(1000)}`),
    mode: 0o644,
  }));
}
