/** A digest in the configuration of all the rest of it: a file that nobody edited is told from one that somebody did, whoever wrote it. Pure. */
import { createHash } from 'node:crypto';

/** `head`: comments that stay the first lines. */
export function sealed(head: readonly string[], body: string): string {
  return [...head, sealLine([...head, body].join('\n')), body].join('\n');
}

/** It is whole, as some version of this program wrote it. */
export function isSealed(config: string): boolean {
  const [line] = SEAL_LINE.exec(config) ?? [];
  return line !== undefined && line === `${sealLine(config.replace(line, ''))}\n`;
}

const SEAL_LINE = /^# Written by swiftdeploy \(sha256 [0-9a-f]{64}\);.*\n/m;

function sealLine(rest: string): string {
  const digest = createHash('sha256').update(rest).digest('hex');
  return `# Written by swiftdeploy (sha256 ${digest}); edits are undone. Change manifest.yaml instead.`;
}
