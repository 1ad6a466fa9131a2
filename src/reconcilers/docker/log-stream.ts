/** What a container writes to stderr, line by line, as it stands and as it grows. It must not follow again by itself: who follows knows what was seen. */
import type Docker from 'dockerode';
import type { LogOptions } from './engine.js';
import { LogFrames } from './log-frames.js';

/** Reads what there is; rejects when the connection breaks. */
export async function readLogs(docker: Docker, id: string, options: LogOptions): Promise<void> {
  try {
    const query = { ...queryOf(options), follow: false } as const;
    const output = await docker.getContainer(id).logs(query);
    if (!options.signal.aborted) new LogFrames(options.onLine).push(output);
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
}

/** Follows until the container stops or the signal fires; rejects when the connection breaks. */
export async function followLogs(docker: Docker, id: string, options: LogOptions): Promise<void> {
  const { signal } = options;
  try {
    const query = { ...queryOf(options), follow: true } as const;
    const stream = (await docker.getContainer(id).logs(query)) as LogStream;
    const close = () => stream.destroy();
    signal.addEventListener('abort', close, { once: true });
    try {
      if (!signal.aborted) await readAll(stream, new LogFrames(options.onLine));
    } finally {
      signal.removeEventListener('abort', close);
      stream.destroy();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

type LogStream = NodeJS.ReadableStream & { destroy(): void };

function queryOf({ since, signal }: LogOptions) {
  return {
    stderr: true,
    stdout: false,
    timestamps: true,
    abortSignal: signal,
    ...(since === undefined ? {} : { since: engineTime(since) }),
  };
}

function readAll(stream: LogStream, frames: LogFrames): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.once('end', resolve);
    stream.once('close', resolve);
    stream.on('data', (chunk: Buffer) => {
      try {
        frames.push(chunk);
      } catch (error) {
        reject(error as Error);
      }
    });
  });
}

/** Seconds and nanoseconds since the epoch: the only form in which the Engine's API takes a time this fine. */
function engineTime(stamp: string): string {
  const seconds = Math.floor(Date.parse(stamp) / 1000);
  const fraction = /\.(\d{1,9})/.exec(stamp)?.[1] ?? '';
  return `${String(seconds)}.${fraction.padEnd(9, '0')}`;
}
