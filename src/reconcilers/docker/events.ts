/** The Engine's event stream, line by line, in our words. */
import { createInterface } from 'node:readline';
import type Docker from 'dockerode';
import type { EngineEvent, FollowOptions } from './engine.js';

interface RawEvent {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Record<string, string> };
  readonly time?: number;
  readonly timeNano?: number;
}

const TYPES = ['container', 'network', 'volume', 'image'] as const;

/** Follows until the stream ends or the signal fires; rejects when the connection breaks. */
export async function followEvents(docker: Docker, options: FollowOptions): Promise<void> {
  const stream = await docker.getEvents({
    filters: { type: [...TYPES] },
    ...(options.since === undefined ? {} : { since: options.since as unknown as number }),
  });
  const lines = createInterface({ input: stream });
  const close = () => {
    lines.close();
    (stream as NodeJS.ReadableStream & { destroy(): void }).destroy();
  };
  options.signal.addEventListener('abort', close, { once: true });
  try {
    options.onOpen();
    await new Promise<void>((resolve, reject) => {
      stream.on('error', reject);
      // Node.js 20 tells a broken input here, too, and an error that nobody hears ends the process.
      lines.on('error', reject);
      lines.once('close', resolve);
      lines.on('line', (line) => {
        if (line !== '') options.onEvent(eventOf(JSON.parse(line) as RawEvent));
      });
    });
  } catch (error) {
    if (!options.signal.aborted) throw error;
  } finally {
    options.signal.removeEventListener('abort', close);
  }
}

function eventOf(raw: RawEvent): EngineEvent {
  const type = TYPES.find((known) => known === raw.Type) ?? 'other';
  return {
    type,
    action: raw.Action ?? '',
    id: raw.Actor?.ID ?? '',
    attributes: raw.Actor?.Attributes ?? {},
    at: eventTime(raw),
  };
}

/** `timeNano` does not fit a JavaScript number; the Engine takes seconds, and a doubled event changes nothing. */
function eventTime(raw: RawEvent): string {
  return String(raw.time ?? 0);
}
