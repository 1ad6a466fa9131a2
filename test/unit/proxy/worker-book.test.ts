import { describe, expect, test } from 'vitest';
import { WorkerBook } from '../../../src/reconcilers/proxy/worker-book.js';

const [OLD, NEW] = [new Set(['old']), new Set(['new'])];
const ALL = new Set(['old', 'new', 'never-routed']);

const master = { pid: 1, command: 'nginx: master process nginx -g daemon off;' };
const worker = (pid: number) => ({ pid, command: 'nginx: worker process' });
const leaving = (pid: number) => ({ pid, command: 'nginx: worker process is shutting down' });

interface Look {
  readonly processes: readonly { pid: number; command: string }[];
  readonly servers: ReadonlySet<string>;
}

const TABLE: readonly (readonly [string, readonly Look[], readonly string[]])[] = [
  ['nobody works: nobody knows anything', [{ processes: [master], servers: OLD }], []],
  ['a worker knows what it was started with', [{ processes: [master, worker(2)], servers: OLD }], ['old']],
  [
    'an old worker knows the old until it ends, a new one the new',
    [
      { processes: [master, worker(2)], servers: OLD },
      { processes: [master, leaving(2), worker(3)], servers: NEW },
    ],
    ['old', 'new'],
  ],
  [
    'an old worker that ended knows nothing any more',
    [
      { processes: [master, worker(2)], servers: OLD },
      { processes: [master, leaving(2), worker(3)], servers: NEW },
      { processes: [master, worker(3)], servers: NEW },
    ],
    ['new'],
  ],
  [
    'a worker that was leaving already at the first look may know everything',
    [{ processes: [master, leaving(2), worker(3)], servers: NEW }],
    ['old', 'new', 'never-routed'],
  ],
  [
    'a number that is used again is a new worker once it was missed',
    [
      { processes: [master, worker(2)], servers: OLD },
      { processes: [master], servers: NEW },
      { processes: [master, worker(2)], servers: NEW },
    ],
    ['new'],
  ],
];

describe('what live workers may use', () => {
  test.each(TABLE)('%s', (_what, looks, expected) => {
    const book = new WorkerBook();
    for (const { processes, servers } of looks) book.record(processes, servers);
    expect([...book.mayUse(ALL)]).toEqual(expected);
  });

  test('before the first look anything may have been routed, after it only what was', () => {
    const book = new WorkerBook();
    expect(book.mayHaveKnown(ALL)).toEqual(ALL);
    book.record([master, worker(2)], OLD);
    expect(book.mayHaveKnown(ALL)).toEqual(OLD);
    book.route(NEW);
    expect(book.mayHaveKnown(ALL)).toEqual(new Set(['old', 'new']));
  });
});
