/**
 * A process of its own that appends to the history named on its command line until it is killed or an append fails,
 * and prints the number of each event once it is acknowledged.
 */

import { writeSync } from 'node:fs';
import { HistoryLog } from '../../src/controller/history/history-log.js';

const [path = '', maxBytes = '1000000'] = process.argv.slice(2);
const log = await HistoryLog.open(path, { maxBytes: Number(maxBytes) });
const filler = 'x'.repeat(300);
try {
  for (;;) {
    const { seq } = await log.append({ event: 'step', filler });
    writeSync(1, `${seq}\n`);
  }
} catch (error) {
  writeSync(1, `${error instanceof Error && 'code' in error ? String(error.code) : String(error)}\n`);
}
