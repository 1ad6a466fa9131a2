/**
 * One question to a credential helper, as the docker CLI asks it: the server on its standard input, JSON on its standard output.
 * Whatever is wrong with it is said in words of ours: what it printed may be a secret.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { errorCode } from '../../controller/error-code.js';
import { collect } from './output.js';

export interface HelperQuestion {
  /** The program is `docker-credential-<helper>`. */
  readonly helper: string;
  /** As config.json calls it. */
  readonly registry: string;
  readonly env: NodeJS.ProcessEnv;
  /** It is killed when it has not answered by then, and when the signal fires. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Login {
  readonly username: string;
  readonly secret: string;
}

/** It gave no answer that anybody can use. The message begins with the helper's name. */
export class HelperFailed extends Error {
  override readonly name = 'HelperFailed';

  constructor(
    helper: string,
    what: string,
    /** There is no such program. */
    readonly isMissing = false,
  ) {
    super(`${programOf(helper)} ${what}`);
  }
}

/** Absent when it knows of none; rejects with `HelperFailed`, and when the signal fires. */
export async function askHelper(question: HelperQuestion): Promise<Login | undefined> {
  const { helper, limitMs, signal } = question;
  const limit = AbortSignal.timeout(limitMs);
  try {
    const ended = await run(question, signal === undefined ? limit : AbortSignal.any([limit, signal]));
    return readAnswer(helper, ended);
  } catch (error) {
    signal?.throwIfAborted();
    if (limit.aborted) throw new HelperFailed(helper, `gave no answer within ${String(limitMs / 1000)} s`);
    throw error instanceof HelperFailed ? error : cannotRun(helper, error);
  }
}

function programOf(helper: string): string {
  return `docker-credential-${helper}`;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

async function run({ helper, registry, env }: HelperQuestion, signal: AbortSignal): Promise<Ended> {
  signal.throwIfAborted();
  const child = spawn(programOf(helper), ['get'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const kill = () => {
    child.kill('SIGKILL');
    child.stdout.destroy(); // what it started may hold it open for as long as it likes
  };
  signal.addEventListener('abort', kill, { once: true });
  try {
    return await endOf(child, registry);
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

async function endOf(child: ChildProcessByStdio<Writable, Readable, null>, registry: string): Promise<Ended> {
  const exited = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  child.stdin.on('error', () => undefined).end(registry);
  const [output, code] = await Promise.all([collect(child.stdout), exited]);
  return { code, output: output.toString('utf8') };
}

/** What helpers print who know of no login: the word of the protocol, and no failure. */
const KNOWS_NONE = 'credentials not found in native keychain';

function readAnswer(helper: string, { code, output }: Ended): Login | undefined {
  if (code !== 0) {
    if (output.trim() === KNOWS_NONE) return undefined;
    throw new HelperFailed(helper, code === null ? 'was killed' : `ended with exit code ${String(code)}`);
  }
  const { Username, Secret } = objectIn(helper, output);
  if (typeof Username !== 'string' || typeof Secret !== 'string')
    throw new HelperFailed(helper, 'answered without Username and Secret');
  return Username === '' && Secret === '' ? undefined : { username: Username, secret: Secret };
}

/** The parser's own words would quote what it was given. */
function objectIn(helper: string, output: string): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(output);
    if (typeof answer === 'object' && answer !== null) return answer as Readonly<Record<string, unknown>>;
  } catch {
    // said below
  }
  throw new HelperFailed(helper, 'did not answer with JSON');
}

function cannotRun(helper: string, error: unknown): HelperFailed {
  const code = errorCode(error);
  return code === 'ENOENT'
    ? new HelperFailed(helper, 'is not installed', true)
    : new HelperFailed(helper, `cannot be run (${code})`);
}
