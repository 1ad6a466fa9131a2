/** A stack to which nothing has happened: as for `kubectl get events`, that is a sentence on stderr and no error. */
import { existsSync } from 'node:fs';
import { listRotated } from '../../controller/history/history-files.js';

export async function isNoHistory(path: string): Promise<boolean> {
  return !existsSync(path) && (await listRotated(path).catch(() => [])).length === 0;
}

export function noHistoryWords(path: string): string {
  return `no events yet: there is no ${path}`;
}
