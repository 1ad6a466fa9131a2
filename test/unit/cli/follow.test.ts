/** What a command takes from a controller that runs. Until that has looked, the "no" of before is still in status.json. */
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { tryLock } from '../../../src/cli/basics/lock.js';
import { stackPaths } from '../../../src/cli/basics/paths.js';
import type { Session } from '../../../src/cli/basics/session.js';
import { EXIT } from '../../../src/cli/basics/exit.js';
import { follow } from '../../../src/cli/loop/follow.js';
import { LookRequest, lookRequestsDir } from '../../../src/cli/reconcile/look-request.js';
import { EventFollower } from '../../../src/cli/status/history-view.js';
import type { Reporter } from '../../../src/cli/telling/reporter.js';
import type { Condition } from '../../../src/controller/conditions.js';
import { lockAddress } from '../../../src/controller/lock-address.js';
import { StatusFile } from '../../../src/controller/status-file.js';
import { until } from '../../support/until.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

const MANIFEST = 'services: {}\n';
const HOUR_MS = 3_600_000;

let session: Session;
/** How far the clock of the command is put on. */
let laterMs = 0;
let looks = 0;

beforeEach(async () => {
  const dir = await temporaryDirectory();
  const paths = stackPaths({ manifest: join(dir, 'manifest.yaml') });
  await writeFile(paths.manifest, MANIFEST);
  session = {
    paths,
    info: { id: `engine-${randomUUID()}` },
    stop: AbortSignal.any([]),
  } as unknown as Session;
  [laterMs, looks] = [0, 0];
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + laterMs);
});

afterEach(() => vi.restoreAllMocks());

async function controls(): Promise<void> {
  const lock = await tryLock(session, 'shop');
  if ('heldBy' in lock) throw new Error('the lock is taken');
  onTestFinished(() => lock.release());
}

/** As one that is stopped: it has the lock, and says nothing. */
async function holdsSilently(): Promise<void> {
  const server = createServer();
  server.listen(lockAddress(`${session.info.id}/shop`, process.platform));
  await once(server, 'listening');
  onTestFinished(() => void server.close());
}

/** As the controller writes it. */
async function status(statuses: Partial<Record<Condition['type'], string>>, reason: string): Promise<void> {
  const sha256 = createHash('sha256').update(MANIFEST).digest('hex');
  await new StatusFile(session.paths.status).write({
    kind: 'StackStatus',
    stack: 'shop',
    generation: 1,
    manifest: { path: session.paths.manifest, sha256 },
    services: [],
    policies: [],
    conditions: Object.entries(statuses).map(([type, value]) => ({
      type,
      status: value,
      reason,
      message: '',
    })),
  });
}

const DENIED = { Ready: 'False', Stalled: 'True', PolicyAllowed: 'False' } as const;

async function following(timeoutMs = HOUR_MS) {
  const reporter = { onEvent: () => undefined, onProgress: () => undefined } as unknown as Reporter;
  const events = await EventFollower.fromNow(session.paths.history);
  const next = events.next.bind(events);
  vi.spyOn(events, 'next').mockImplementation(() => ((looks += 1), next()));
  const clock = { timeoutMs, deadlineAtMs: performance.now() + timeoutMs };
  return follow({ session, stack: 'shop', reporter, events, ...clock });
}

/** Everything that the command would do by the time that has passed. */
async function minuteLater(): Promise<void> {
  await until('it looked', () => looks > 0);
  laterMs += 60_000;
  const before = looks;
  await until('it looked again', () => looks > before + 2);
}

function requests(): Promise<readonly string[]> {
  return readdir(lookRequestsDir(session.paths.stateDir)).catch(() => []);
}

/** As the controller does after a tick that began when it was asked for. */
async function answer(): Promise<void> {
  await rm(lookRequestsDir(session.paths.stateDir), { recursive: true });
}

test('the no of before a look is none, however long the step takes that new policies or an override allow', async () => {
  await controls();
  await status(DENIED, 'Denied');
  const ended = following();
  await minuteLater();
  await status({ Ready: 'True', Stalled: 'False', PolicyAllowed: 'True' }, 'Overridden');
  expect(await ended).toMatchObject({ code: EXIT.ok });
  expect(await requests()).toEqual([]);
});

test.each(['Denied', 'OverrideRefused'])('the no of a look after it is one: %s', async (reason) => {
  await controls();
  await status(DENIED, 'Denied');
  const ended = following();
  await minuteLater();
  await status(DENIED, reason);
  await answer();
  expect(await ended).toMatchObject({
    code: EXIT.denied,
    conditions: expect.arrayContaining([expect.objectContaining({ reason })]) as unknown,
  });
});

test('for a yes nobody is asked', async () => {
  await controls();
  await status({ Ready: 'True', Stalled: 'False', PolicyAllowed: 'True' }, 'Allowed');
  const leave = vi.spyOn(LookRequest, 'leave');
  expect(await following()).toMatchObject({ code: EXIT.ok });
  expect(leave).not.toHaveBeenCalled();
});

test('where nothing can be asked for, a no counts that stays', async () => {
  await controls();
  await status(DENIED, 'Denied');
  await mkdir(session.paths.stateDir);
  await writeFile(lookRequestsDir(session.paths.stateDir), 'no folder');
  const ended = following();
  await until('it looked', () => looks > 1);
  laterMs += 60_000;
  expect(await ended).toMatchObject({ code: EXIT.denied });
});

test('when time is up, a controller that is stopped is told as that', async () => {
  await holdsSilently();
  await status({ Ready: 'False', Stalled: 'False' }, 'Progressing');
  expect(await following(0)).toMatchObject({ code: EXIT.failed, timeoutMs: 0, isUnanswered: true });
});

test('when time is up, one that answers is only slow', async () => {
  await controls();
  await status({ Ready: 'False', Stalled: 'False' }, 'Progressing');
  expect(await following(0)).not.toHaveProperty('isUnanswered');
});

test('when time is up before a controller has written anything, that is what is missing', async () => {
  await controls();
  expect(await following(0)).toMatchObject({
    conditions: [],
    awaited: 'a status.json, which the controller writes when it has looked',
  });
});
