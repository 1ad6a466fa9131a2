/**
 * A process of its own that replaces the folder named on its command line, by turns with two sets of files, until it is killed.
 * It prints a sign for each millisecond, so that whoever kills it can choose any moment, and another for each replacement.
 */
import { writeSync } from 'node:fs';
import { replaceGenerated } from '../../src/cli/render/generated-folder.js';
import { generatedFiles, REPLACED, TICK } from './render-files.js';

const [folder = ''] = process.argv.slice(2);
setInterval(() => writeSync(1, TICK), 1);
for (let turn = 0; ; turn += 1) {
  await replaceGenerated(folder, generatedFiles(turn % 2 === 0 ? 'even' : 'odd'));
  writeSync(1, REPLACED);
}
