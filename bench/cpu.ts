/** What a process has used of the processors; Linux's /proc. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Seconds, of user and system, its ended children included: fields 14 to 17 of proc_pid_stat(5), counted after the name, which may contain spaces. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15);
  const { stdout } = await exec('getconf', ['CLK_TCK']);
  return fields.reduce((sum, ticks) => sum + Number(ticks), 0) / Number(stdout);
}
