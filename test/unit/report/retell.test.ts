/** What the metrics say between ticks: told after what is still to be told, without a disk that is full doing harm. */
import { describe, expect, test } from 'vitest';
import type { Condition } from '../../../src/controller/conditions.js';
import type { HistoryEventInput } from '../../../src/controller/history/history-event.js';
import { EMPTY_MEMORY } from '../../../src/reconcilers/plan/memory.js';
import { StackReporter, type Report } from '../../../src/reconcilers/report/stack-reporter.js';
import type { StackState } from '../../../src/reconcilers/stack-state.js';
import type { StackParts } from '../../../src/reconcilers/stack-parts.js';
import type { Traffic } from '../../../src/reconcilers/traffic/traffic.js';
import { judgement, trackFacts } from '../../support/judgement.js';
import { createMetrics } from '../../../src/controller/metrics.js';

const SCRAPE: HistoryEventInput = { event: 'status_scrape', service: 'app' };
const CHAOS: HistoryEventInput = { event: 'chaos', service: 'app', mode: 'error' };
const NONE: Traffic = new Map();

type Shown = Pick<StackState, 'generation'> & Pick<Report, 'conditions'>;

class Disk {
  isFull = false;
  refusesNotes = false;
  /** As it was shown last. */
  ready: Condition | undefined;
  readonly history: string[] = [];
  readonly told: string[] = [];
  /** Generations, in the order in which status.json had them. */
  readonly shown: number[] = [];
  /** Those of them that the notes did not have yet. */
  readonly unfounded: number[] = [];
  private noted = 0;
  readonly reporter: StackReporter;

  constructor() {
    const parts: Partial<Record<keyof StackParts, unknown>> = {
      stackName: 'shop',
      history: { append: (event: HistoryEventInput) => this.write(() => this.history.push(event.event)) },
      status: {
        write: (status: Shown) => this.write(() => this.show(status)),
        replace: (status: Shown) => this.write(() => this.show(status)),
      },
      store: { save: ({ generation }: StackState) => this.write(() => this.note(generation)) },
      listener: { onEvent: (event: HistoryEventInput) => this.told.push(event.event) },
      metrics: createMetrics({ stepKinds: [], driftKinds: [], policies: [], services: [] }),
      controller: { pid: 1, version: '0.1.0', startedAt: new Date(0).toISOString() },
    };
    this.reporter = new StackReporter(parts as unknown as StackParts, []);
  }

  private show({ generation, conditions }: Shown): void {
    this.shown.push(generation);
    this.ready = conditions.find(({ type }) => type === 'Ready');
    if (generation > this.noted && this.ready?.reason !== 'NotStored') this.unfounded.push(generation);
  }

  private note(generation: number): void {
    if (this.refusesNotes)
      throw Object.assign(new Error('EACCES'), { code: 'EACCES', path: '/s/state.json' });
    this.noted = generation;
  }

  private async write(change: () => unknown): Promise<void> {
    if (this.isFull) await Promise.reject(new Error('ENOSPC'));
    change();
  }

  /** `requests`: of a canary that was looked at. */
  async tick(requests?: number, generation = 1): Promise<void> {
    const canary = trackFacts({ requests: requests ?? 0 });
    const judgements = requests === undefined ? [] : [judgement({ facts: { canary } })];
    const now = (requests ?? 0) * 2000;
    const manifest = { path: '/m.yaml', valid: true, problems: [], warnings: [] };
    const at = { generation, stackGeneration: generation };
    const tick = { ...at, now, judgements, manifest, results: [], findings: [] };
    const state = { ...at, memory: EMPTY_MEMORY, drifts: [], denials: {} };
    await this.reporter.report(tick, state).written;
  }
}

describe('between ticks', () => {
  test('events and status are written, people hear of chaos and not of every look', async () => {
    const disk = new Disk();
    await disk.tick();
    await disk.reporter.retell(NONE, [CHAOS, SCRAPE]);
    expect([disk.history, disk.told, disk.shown]).toEqual([['chaos', 'status_scrape'], ['chaos'], [1, 1]]);
  });

  test('nobody is shown what a crash would take back', async () => {
    const disk = new Disk();
    await disk.tick();
    await Promise.all([disk.reporter.retell(NONE, []), disk.tick(1, 2), disk.tick(2, 3)]);
    await Promise.all([disk.tick(3, 4), disk.reporter.retell(NONE, [])]);
    expect([disk.shown.at(-1), disk.unfounded]).toEqual([4, []]);
  });

  test('what cannot be noted is shown as what it is, until it can', async () => {
    const disk = new Disk();
    await disk.tick();
    disk.refusesNotes = true;
    await expect(disk.tick(1, 2)).rejects.toThrow('EACCES');
    expect([disk.shown.at(-1), disk.ready]).toMatchObject([
      2,
      {
        status: 'False',
        reason: 'NotStored',
        message: expect.stringMatching(/state\.json cannot be read or written: permission denied$/) as string,
      },
    ]);
    disk.refusesNotes = false;
    await disk.tick(2, 2);
    expect(disk.ready).toMatchObject({ status: 'True', reason: 'Settled' });
  });

  test('there is no status before the first tick', async () => {
    const disk = new Disk();
    await disk.reporter.retell(NONE, []);
    expect(disk.shown).toEqual([]);
  });

  test('what a full disk refuses comes later, in its order, and does not pile up', async () => {
    const disk = new Disk();
    await disk.tick();
    disk.isFull = true;
    await disk.reporter.retell(NONE, [CHAOS]);
    for (let looks = 0; looks < 500; looks += 1) await disk.reporter.retell(NONE, [SCRAPE]);
    await disk.reporter.retell(NONE, [{ ...CHAOS, mode: 'none' }, SCRAPE]);
    await expect(disk.tick()).rejects.toThrow('ENOSPC');
    disk.isFull = false;
    await disk.tick();
    expect([disk.history[0], disk.history.length, disk.history.at(-1)]).toEqual(['chaos', 101, 'chaos']);
  });

  test('looks at a canary do not pile up either', async () => {
    const disk = new Disk();
    await disk.tick();
    disk.isFull = true;
    for (let looks = 1; looks <= 500; looks += 1) await expect(disk.tick(looks)).rejects.toThrow('ENOSPC');
    disk.isFull = false;
    await disk.tick();
    expect(disk.history.length).toBe(100);
  });
});
