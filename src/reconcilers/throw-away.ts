/**
 * Runs one program to its end in a container of its own, without a network unless it is about one, that is removed whatever happens:
 * how policies and configurations are tried before anything uses them. Or one that answers until whoever started it removes it.
 */
import type { ContainerFile, Engine } from './docker/engine.js';
import { statusOf } from './docker/engine-errors.js';
import { FALLBACK_USER, LABEL, type ContainerTemplate } from './plan/container-template.js';

const DEFAULT_TIMEOUT_MS = 15_000;
const MAX_LINES = 10_000;
const PIDS = 256;

export interface ThrowAwayPlace {
  readonly engine: Engine;
  readonly stack: string;
  readonly image: string;
  /** Who tries; two at a time must differ, because each removes what is left of its own. */
  readonly tester?: string;
  /** How long one run may take. */
  readonly timeoutMs?: number;
  /** Gives up early. */
  readonly signal?: AbortSignal;
}

export interface ThrowAwayRun {
  /** Tells runs of one tester apart. */
  readonly suffix: string;
  /** Absent: the image's own. */
  readonly entrypoint?: readonly string[];
  readonly args: readonly string[];
  readonly files: readonly ContainerFile[];
  readonly memoryBytes?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** None when left out; `container:ID` is that container's own. */
  readonly network?: string;
  /** Of what it prints, the last; 10,000 when left out. */
  readonly maxLines?: number;
  /** What counts as its output; stdout and stderr when left out. */
  readonly streams?: 'stdout';
  /** Told of each line of stderr while it runs, as far as the engine tells. */
  readonly onPrinted?: (line: string) => void;
}

export class TooSlow extends Error {
  override readonly name = 'TooSlow';

  /** `where`: what took the time, where that is known. */
  constructor(
    readonly timeoutMs: number,
    cause: unknown,
    where?: string,
  ) {
    super(`it did not end within ${String(timeoutMs / 1000)} s${where === undefined ? '' : `: ${where}`}`, {
      cause,
    });
  }
}

/** One that goes on, and answers on a port of 127.0.0.1 that the engine chooses. */
export interface ThrowAwayServer extends Pick<ThrowAwayRun, 'suffix' | 'args' | 'memoryBytes' | 'env'> {
  /** Inside the container. */
  readonly port: number;
  readonly files: (id: string) => readonly ContainerFile[];
}

/** The network of which every engine has one; none of its own is made for so short a time. */
const SERVER_NETWORK = 'bridge';

/** Somebody removed it while it ran: that says nothing of what was tried. */
export class ContainerGone extends Error {
  override readonly name = 'ContainerGone';

  constructor(cause: unknown) {
    super("the check's container was removed from outside", { cause });
  }
}

/** Rejects with `TooSlow`, `ContainerGone`, or when the engine cannot do it. */
export async function runThrowAway(
  place: ThrowAwayPlace,
  run: ThrowAwayRun,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const { engine, timeoutMs = DEFAULT_TIMEOUT_MS } = place;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = place.signal === undefined ? timeout : AbortSignal.any([place.signal, timeout]);
  const template = templateOf(place, run);
  await engine.removeContainer(template.name);
  signal.throwIfAborted();
  const id = await engine.createContainer(template);
  const over = new AbortController();
  try {
    await engine.putFiles(id, run.files);
    await engine.startContainer(id);
    follow(engine, id, { ...run, signal: AbortSignal.any([signal, over.signal]) });
    return await endOf(engine, id, { ...run, signal });
  } catch (error) {
    if (!timeout.aborted) throw error;
    throw new TooSlow(timeoutMs, error);
  } finally {
    over.abort();
    await engine.removeContainer(id);
  }
}

/** Its id; it is started, and nobody knows whether it answers. */
export async function startThrowAway(place: ThrowAwayPlace, server: ThrowAwayServer): Promise<string> {
  const { engine, signal } = place;
  const publish = [{ container: server.port, hostAddress: '127.0.0.1', host: 0 }];
  const template = { ...templateOf(place, { ...server, network: SERVER_NETWORK }), publish };
  await engine.removeContainer(template.name);
  signal?.throwIfAborted();
  const id = await engine.createContainer(template);
  try {
    await engine.putFiles(id, server.files(id));
    await engine.startContainer(id);
    return id;
  } catch (error) {
    await engine.removeContainer(id);
    throw error;
  }
}

/** Who cannot be followed is waited for all the same. */
function follow(
  engine: Engine,
  id: string,
  { onPrinted, signal }: Pick<ThrowAwayRun, 'onPrinted'> & { readonly signal: AbortSignal },
): void {
  if (onPrinted === undefined) return;
  engine.followLogs(id, { onLine: ({ text }) => onPrinted(text), signal }).catch(() => undefined);
}

async function endOf(
  engine: Engine,
  id: string,
  {
    maxLines = MAX_LINES,
    streams,
    signal,
  }: Pick<ThrowAwayRun, 'maxLines' | 'streams'> & { readonly signal: AbortSignal },
) {
  try {
    const exitCode = await engine.wait(id, signal);
    const lines = await engine.logs(id, maxLines, streams);
    return { exitCode, output: lines.join('\n') };
  } catch (error) {
    const status = statusOf(error);
    throw status !== undefined && GONE.has(status) ? new ContainerGone(error) : error;
  }
}

/** Not there, or on its way out: what the engine answers about a container that ran, and that somebody removes. */
const GONE: ReadonlySet<number> = new Set([404, 409]);

/** As `Promise.all`, but it ends when all have: whoever gives up with the first that fails would leave what the others still remove. */
export async function allEnded<T extends readonly unknown[]>(runs: {
  readonly [K in keyof T]: Promise<T[K]>;
}): Promise<{ -readonly [K in keyof T]: T[K] }> {
  await Promise.allSettled(runs);
  return Promise.all(runs) as Promise<{ -readonly [K in keyof T]: T[K] }>;
}

function templateOf(
  { stack, image, tester = 'check' }: ThrowAwayPlace,
  { suffix, entrypoint, args, memoryBytes, env = {}, network = 'none' }: Omit<ThrowAwayRun, 'files'>,
): ContainerTemplate {
  return {
    name: `${stack}-${tester}-${suffix}`,
    role: 'check',
    image,
    pull: 'missing',
    user: FALLBACK_USER,
    ...(entrypoint === undefined ? {} : { entrypoint }),
    command: args,
    env,
    labels: { [LABEL.stack]: stack, [LABEL.role]: 'check' },
    mounts: [],
    tmpfs: [],
    readOnly: false,
    capAdd: [],
    pids: PIDS,
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    restartPolicy: 'no',
    stopGraceMs: 0,
    publish: [],
    network,
    aliases: [],
  };
}
