import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HistoryEventInput } from '../../../src/controller/history/history-event.js';
import { HistoryLog } from '../../../src/controller/history/history-log.js';
import { caughtUp, failureToldLast } from '../../../src/reconcilers/caught-up.js';
import { lookAtManifest } from '../../../src/reconcilers/manifest-keeper.js';
import { StateStore, type StackState } from '../../../src/reconcilers/stack-state.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

const SHA = 'a'.repeat(64);
const changed = (generation: number): HistoryEventInput => ({
  event: 'manifest_changed',
  generation,
  sha256: SHA,
});

/** A stack whose notes are of generation 4, and whose history went on without them. */
async function stack(events: readonly HistoryEventInput[], notes: Partial<StackState> = { generation: 4 }) {
  const directory = await temporaryDirectory();
  const path = join(directory, 'history.jsonl');
  const log = await HistoryLog.open(path);
  onTestFinished(() => log.close());
  for (const event of events) await log.append(event);
  await mkdir(join(directory, '.swiftdeploy'));
  const { state } = await new StateStore(join(directory, '.swiftdeploy')).peek();
  return { directory, caughtUp: await caughtUp({ ...state, manifestSha256: 'b', ...notes }, path) };
}

describe('notes that were not saved after the history was', () => {
  test('take the generation that was told', async () => {
    const { caughtUp: state } = await stack([changed(4), changed(5), { event: 'deploy' }]);
    expect(state).toMatchObject({ generation: 5, manifestSha256: SHA });
  });

  test('so that another manifest is given a later one', async () => {
    const { directory, caughtUp: state } = await stack([changed(5)]);
    const look = await lookAtManifest({ path: join(directory, 'history.jsonl') }, state, undefined);
    expect(look.generation).toBe(6);
  });

  test('a manifest that could not be read has no digest', async () => {
    const { caughtUp: state } = await stack([{ event: 'manifest_invalid', generation: 5, problems: ['x'] }]);
    expect(state.generation).toBe(5);
    expect(state.manifestSha256).toBeUndefined();
  });

  test('and that somebody removed: their generation is in the history', async () => {
    const { caughtUp: state } = await stack([changed(7)], { generation: 0 });
    expect(state.generation).toBe(7);
  });

  test('what they know already is not looked at again', async () => {
    const history = { seq: 1, prev: `sha256:${SHA}` };
    const { caughtUp: state } = await stack([changed(9)], { generation: 4, history });
    expect(state).toMatchObject({ generation: 4, manifestSha256: 'b' });
  });

  test('a way back that was told is not told again', async () => {
    const back = (service: string): HistoryEventInput => ({ event: 'rollback', service, version: '1.0.0' });
    const open = (service: string) => ({ from: 'c', to: 's', event: back(service) });
    const notes = { waysBack: { app: open('app'), shop: open('shop') } };
    const { caughtUp: state } = await stack([back('app')], notes);
    expect(Object.keys(state.waysBack ?? {})).toEqual(['shop']);
    const history = { seq: 1, prev: `sha256:${SHA}` };
    const { caughtUp: later } = await stack([back('app')], { ...notes, history });
    expect(Object.keys(later.waysBack ?? {})).toEqual(['app', 'shop']);
  });
});

test('a failure that was told after the notes were saved is found, one that they have is not', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'history.jsonl');
  const log = await HistoryLog.open(path);
  onTestFinished(() => log.close());
  const { state } = await new StateStore(join(directory, '.swiftdeploy')).peek();
  const find = (notes: Pick<StackState, 'history'>) => failureToldLast({ ...state, ...notes }, path);
  await log.append({ event: 'replica_failed', service: 'app' });
  const { head } = log;
  expect(await find({ history: head })).toBeUndefined();
  await log.append({ event: 'replica_failed', service: 'web' });
  await log.append({ event: 'deploy' });
  expect(await find({ history: head })).toMatchObject({ service: 'web' });
  expect(await find({})).toBeUndefined();
});
