/**
 * Records docs/status-watch.svg, the README's picture: `status --watch` in a terminal (tmux) beside a real stack, whose canary is
 * on its way while requests come. What the terminal showed is kept in scripts/recording/screen.ansi. Needs what `npm run setup` makes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ansiToSvg } from './recording/ansi-svg.js';
import { recordScreen, SIZE } from './recording/record-screen.js';

export const PICTURE = fileURLToPath(new URL('../docs/status-watch.svg', import.meta.url));
export const SCREEN = fileURLToPath(new URL('recording/screen.ansi', import.meta.url));

/** The picture of what was recorded. */
export function picture(): string {
  const screen = readFileSync(SCREEN, 'utf8').trimEnd();
  return ansiToSvg(screen, { columns: SIZE.columns, title: 'swiftdeploy status --watch' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(SCREEN, await recordScreen());
  writeFileSync(PICTURE, picture());
}
