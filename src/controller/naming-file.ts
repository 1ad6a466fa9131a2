/** Which file an error is about: of an open file it names none, of one that is made aside a name that nobody knows. */
import { errorCode } from './error-code.js';

/** What `work` resolves with; a system error of it is about `path`. */
export async function namingFile<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && errorCode(error) !== 'UNKNOWN') Object.assign(error, { path });
    throw error;
  }
}
