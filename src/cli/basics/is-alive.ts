/** Whether a process is there, whoever owns it. */
import { errorCode } from '../../controller/error-code.js';

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
