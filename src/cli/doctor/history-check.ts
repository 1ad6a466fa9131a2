/** A cheap look at the end of the history: are the newest lines whole, and does each carry the digest of the one before? It changes nothing. */
import { decodeEvent, lineDigest } from '../../controller/history/history-event.js';
import { openIfExists } from '../../controller/history/history-files.js';
import { readChunk } from '../../controller/history/read-lines.js';
import { fail, ok, warn, type Finding } from '../checks/finding.js';

const TAIL_BYTES = 256 * 1024;

export async function lookAtHistory(path: string): Promise<Finding> {
  const file = await openIfExists(path);
  if (file === undefined) return ok(`${path} is not there yet`);
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    return judgeTail(path, await readChunk(file, start, size - start), start > 0);
  } finally {
    await file.close();
  }
}

/** `isCut`: the first line may be half of one. */
function judgeTail(path: string, bytes: Buffer, isCut: boolean): Finding {
  const lines = bytes.toString('latin1').split('\n');
  const rest = lines.pop() ?? '';
  const whole = lines.slice(isCut ? 1 : 0).map((line) => Buffer.from(line, 'latin1'));
  const broken = firstBreak(whole);
  if (broken !== undefined)
    return fail(
      `${path}: ${broken}`,
      '"swiftdeploy audit" says what is missing; restore the file from a backup, or keep it aside as evidence',
    );
  if (rest !== '')
    return warn(
      `${path}: the last line is torn`,
      'nothing to do: the next start repairs it and keeps the rest',
    );
  return ok(`the last ${String(whole.length)} events are whole, each chained to the one before`);
}

function firstBreak(lines: readonly Buffer[]): string | undefined {
  for (const [index, line] of lines.entries()) {
    const event = decodeEvent(line);
    const before = lines[index - 1];
    if (event === undefined) return `line ${String(lines.length - index)} from the end is no event`;
    if (before !== undefined && event.prev !== lineDigest(before))
      return `event ${String(event.seq)} does not follow the line before it: one of the two was changed`;
  }
  return undefined;
}
