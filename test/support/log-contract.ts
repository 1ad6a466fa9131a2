/** What the judge relies on in a container's log, whoever keeps it: the real Engine, or the fake that stands in for it. */
import { expect, test } from 'vitest';
import type { Engine, LogLine } from '../../src/reconcilers/docker/engine.js';
import { until } from './until.js';

export interface ContractLog {
  readonly engine: Pick<Engine, 'readLogs' | 'followLogs'>;
  readonly id: string;
  readonly write: (text: string) => Promise<void>;
  /** Of the container. */
  readonly stop: () => Promise<void>;
}

export function logContract(open: () => Promise<ContractLog>): void {
  test('a log is read to its end, from a moment on that is in it', async () => {
    const { engine, id, write } = await open();
    for (const text of ['a', 'b', 'c']) await write(text);
    const all = await read(engine, id);
    expect(all.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
    expect(all.every(({ at, isWhole }) => isWhole && /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z$/.test(at))).toBe(
      true,
    );
    const fromSecond = await read(engine, id, all[1]?.at);
    expect(fromSecond).toEqual(all.slice(1));
  });

  test('a log is followed from a moment on until the container stops', async () => {
    const { engine, id, write, stop } = await open();
    await write('a');
    const told: string[] = [];
    const { signal } = new AbortController();
    const following = engine.followLogs(id, { signal, onLine: ({ text }) => told.push(text) });
    await until('what was there is told', () => told.length === 1);
    await write('b');
    await until('what is new is told', () => told.length === 2);
    await stop();
    await following;
    expect(told).toEqual(['a', 'b']);
  });

  test('who does not want to follow any more hears nothing, and it is no error', async () => {
    const { engine, id, write } = await open();
    const told: string[] = [];
    const stopping = new AbortController();
    const { signal } = stopping;
    const following = engine.followLogs(id, { signal, onLine: ({ text }) => told.push(text) });
    await write('a');
    await until('it follows', () => told.length === 1);
    stopping.abort();
    await following;
    await write('b');
    expect(told).toEqual(['a']);
    await engine.readLogs(id, { signal, onLine: ({ text }) => told.push(text) });
    expect(told).toEqual(['a']);
  });
}

async function read(engine: ContractLog['engine'], id: string, since?: string): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  const { signal } = new AbortController();
  const onLine = (line: LogLine) => void lines.push(line);
  await engine.readLogs(id, { signal, onLine, ...(since === undefined ? {} : { since }) });
  return lines;
}
