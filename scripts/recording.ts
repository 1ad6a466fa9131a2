/**
 * Writes docs/status-watch.svg, the README's picture of `status --watch`: a real frame of the scene in scripts/recording/.
 * `--check` writes nothing and exits 1 when the picture is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { paintFor } from '../src/cli/basics/talk.js';
import { ansiToSvg } from './recording/ansi-svg.js';
import { frameOf } from './recording/frame.js';
import { scene } from './recording/scene.js';

export const PICTURE = fileURLToPath(new URL('../docs/status-watch.svg', import.meta.url));
const SIZE = { columns: 104, rows: 30 };

/** The picture as it should be. */
export async function recording(): Promise<string> {
  const paint = paintFor({ isTTY: true }, {});
  const frame = frameOf(await scene(SIZE, paint));
  return ansiToSvg(frame, { columns: SIZE.columns, title: 'swiftdeploy status --watch' });
}

async function main(isCheck: boolean): Promise<void> {
  const wanted = await recording();
  if (!isCheck) {
    writeFileSync(PICTURE, wanted);
  } else if (wanted !== readFileSync(PICTURE, 'utf8')) {
    process.stderr.write('docs/status-watch.svg is stale: run npx tsx scripts/recording.ts\n');
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.includes('--check'));
