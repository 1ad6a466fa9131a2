/**
 * One stack under test: a folder with a manifest and policies, a controller, and what it makes on the real engine.
 * Everything it names starts with `swd-e2e-`, and `dispose` leaves nothing of it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { request, type IncomingHttpHeaders } from 'node:http';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { stringify } from 'yaml';
import type { HistoryEvent } from '../../src/controller/history/history-event.js';
import { ControllerProcess } from './controller-process.js';
import { containersOf, labelOf, nameOf, removeAllOf, type Info } from './engine.js';
import { freePort } from './free-port.js';
import { manifestOf, workload, type TestManifest } from './manifest.js';
import { copyShippedPolicies } from './shipped-policies.js';
import { checkRecords, readHistory, readStatus, type Condition, type Status } from './records.js';
import { until, type UntilOptions } from './until.js';

const LOG_TAIL = 4000;
const GET_TIMEOUT_MS = 8000;
const LOOKS: ReadonlySet<string> = new Set(['status_scrape', 'canary_look']);

export interface StackOptions {
  /** Default: one workload named `app`. */
  readonly services?: Record<string, unknown>;
  /** Of the controller; a function is asked when it starts. */
  readonly env?: () => Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** On a connection of its own. */
function httpGet(port: number, path: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, headers, agent: false, timeout: GET_TIMEOUT_MS };
    const asked = request(options, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (text += chunk));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.on('error', reject);
    asked.end();
  });
}

export class Stack {
  readonly name = `swd-e2e-${randomBytes(4).toString('hex')}`;
  readonly dir = join(tmpdir(), this.name);
  readonly manifestPath = join(this.dir, 'manifest.yaml');
  readonly statusPath = join(this.dir, 'status.json');
  readonly historyPath = join(this.dir, 'history.jsonl');
  readonly policiesPath: string = join(this.dir, 'policies');
  /** Where the manifest is written. */
  readonly wishPath: string = this.manifestPath;
  /** Of every controller. */
  readonly args: readonly string[] = [];
  port = 0;
  opaPort = 0;
  manifest: TestManifest = manifestOf(this.name, { proxy: 0, opa: 0 }, {});
  controller: ControllerProcess | undefined;
  /** Of all controllers that this stack had. */
  private readonly controllers: ControllerProcess[] = [];

  constructor(private readonly options: StackOptions = {}) {}

  /** The folder with everything in it; nothing runs yet. */
  async prepare(): Promise<void> {
    await mkdir(this.dir);
    this.port = await freePort();
    this.opaPort = await freePort();
    const services = this.options.services ?? workload({ name: 'app' });
    this.manifest = manifestOf(this.name, { proxy: this.port, opa: this.opaPort }, services);
    await copyShippedPolicies(dirname(this.policiesPath));
    await this.setThresholds({ max_cpu_load_per_core: 100, min_mem_free_percent: 1 });
    await this.setThresholds({ slow_ms: 5000, min_requests_to_promote: 0 }, 'canary');
    await this.save();
  }

  /** Up and settled. */
  async up(): Promise<void> {
    await this.prepare();
    this.startController();
    await this.settled();
  }

  // --- the controller ----------------------------------------------------------------------------------------------

  startController(env: Readonly<Record<string, string>> = this.options.env?.() ?? {}): ControllerProcess {
    this.controller = new ControllerProcess({ manifest: this.manifestPath, env, args: this.args });
    this.controllers.push(this.controller);
    return this.controller;
  }

  /** `run --once` to its end; its exit code. */
  async once(timeoutMs = 60_000): Promise<number | NodeJS.Signals> {
    const run = new ControllerProcess({ manifest: this.manifestPath, once: true, args: this.args });
    this.controllers.push(run);
    return run.ended(timeoutMs);
  }

  async kill9(): Promise<void> {
    this.controller?.kill9();
    await this.controller?.ended();
  }

  /** Does something while the controller stands still, which it then finds done; it would mend one end while the other is being cut. */
  async frozen(act: () => Promise<unknown>): Promise<void> {
    const running = this.controller?.end === undefined ? this.controller : undefined;
    running?.child.kill('SIGSTOP');
    try {
      await act();
    } finally {
      running?.child.kill('SIGCONT');
    }
  }

  async stop(): Promise<number | NodeJS.Signals | undefined> {
    return this.controller?.stop();
  }

  /** What every controller of this stack printed. */
  get log(): string {
    return this.controllers.map(({ log }) => log).join('\n--- next controller ---\n');
  }

  // --- the manifest ------------------------------------------------------------------------------------------------

  /** The one service of the single form. */
  get app(): Record<string, unknown> {
    return this.manifest.services;
  }

  async edit(change: (manifest: TestManifest) => void): Promise<void> {
    change(this.manifest);
    await this.save();
  }

  async set(fields: Record<string, unknown>): Promise<void> {
    await this.edit(({ services }) => Object.assign(services, fields));
  }

  /** As it stands in `manifest`, replaced by rename as editors do. */
  async save(): Promise<void> {
    const aside = `${this.wishPath}~`;
    await writeFile(aside, stringify(this.manifest));
    await rename(aside, this.wishPath);
  }

  async setThresholds(
    change: Readonly<Record<string, number>>,
    domain: 'infrastructure' | 'canary' = 'infrastructure',
  ): Promise<void> {
    const path = join(this.policiesPath, domain, 'data.json');
    const data = JSON.parse(await readFile(path, 'utf8')) as { thresholds: Record<string, number> };
    await writeFile(path, JSON.stringify({ ...data, thresholds: { ...data.thresholds, ...change } }));
  }

  // --- what it says ------------------------------------------------------------------------------------------------

  status(): Promise<Status | undefined> {
    return readStatus(this.statusPath);
  }

  history(): Promise<readonly HistoryEvent[]> {
    return readHistory(this.historyPath);
  }

  async lastSeq(): Promise<number> {
    return (await this.history()).at(-1)?.seq ?? 0;
  }

  async eventsSince(seq: number, event?: string): Promise<readonly HistoryEvent[]> {
    const all = await this.history();
    return all.filter((entry) => entry.seq > seq && (event === undefined || entry.event === event));
  }

  /** What happened; looks are no happening. */
  async happenedSince(seq: number): Promise<readonly string[]> {
    return (await this.eventsSince(seq)).map(({ event }) => event).filter((name) => !LOOKS.has(name));
  }

  /** Waits on status.json. */
  async waitFor<T>(
    what: string,
    look: (status: Status) => T | Promise<T>,
    options: UntilOptions = {},
  ): Promise<Exclude<T, undefined | false>> {
    const seen = async () => {
      const status = await this.status();
      return status === undefined ? undefined : look(status);
    };
    return until<T | undefined>(what, seen, { explain: () => this.explain(), ...options }) as Promise<
      Exclude<T, undefined | false>
    >;
  }

  /** Waits on anything else of the world. */
  until<T>(what: string, look: () => T | Promise<T>, options: UntilOptions = {}) {
    return until(what, look, { explain: () => this.explain(), ...options });
  }

  /** What is superseded or failed has left: so many replicas are there, running or not. */
  left(count: number, service = 'app'): Promise<unknown> {
    return this.until(
      `${service} has ${String(count)} replicas`,
      async () => (await this.replicas(service)).length === count,
    );
  }

  condition(type: string, status: Condition['status'], reason?: string): Promise<Condition> {
    return this.waitFor(`${type}=${status} ${reason ?? ''}`, ({ conditions }) =>
      conditions.find(
        (each) =>
          each.type === type && each.status === status && (reason === undefined || each.reason === reason),
      ),
    );
  }

  /** The manifest on disk is what the world is, in the words of the controller that runs now. */
  async settled(options: UntilOptions = {}): Promise<Status> {
    const sha256 = createHash('sha256')
      .update(await readFile(this.wishPath))
      .digest('hex');
    return this.waitFor(
      'Ready with the manifest on disk',
      (status) => {
        const ready = status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
        const mine = status.controller.pid === this.controller?.child.pid;
        return ready && mine && status.manifest.sha256 === sha256 && status;
      },
      options,
    );
  }

  /** Waits for an event after `seq`. */
  event(seq: number, name: string, fields: Readonly<Record<string, unknown>> = {}): Promise<HistoryEvent> {
    const matches = (event: HistoryEvent) =>
      Object.entries(fields).every(([key, value]) =>
        value instanceof RegExp ? value.test(String(event[key])) : event[key] === value,
      );
    return until(
      `event ${name} ${Object.values(fields).join(' ')}`,
      async () => (await this.eventsSince(seq, name)).find(matches),
      { explain: () => this.explain() },
    );
  }

  async explain(): Promise<string> {
    const status = await this.status();
    const conditions = (status?.conditions ?? [])
      .map(({ type, status, reason, message }) => `  ${type}=${status} ${reason}: ${message}`)
      .join('\n');
    const events = (await this.history())
      .slice(-12)
      .map((event) => `  ${JSON.stringify(event)}`.slice(0, 400));
    const world = (await this.containers()).map(
      (info) => `  ${nameOf(info)} ${info.State.Status} (${String(info.State.ExitCode)})`,
    );
    const log = this.log.slice(-LOG_TAIL);
    return [this.dir, conditions, 'history:', ...events, 'containers:', ...world, 'controller:', log].join(
      '\n',
    );
  }

  // --- the world ---------------------------------------------------------------------------------------------------

  containers(): Promise<readonly Info[]> {
    return containersOf(this.name);
  }

  async replicas(service = 'app'): Promise<readonly Info[]> {
    return (await this.containers()).filter((info) => labelOf(info, 'service') === service);
  }

  /** The only replica of a service; throws when there is another number of them. */
  async replica(service = 'app'): Promise<Info> {
    const [only, ...more] = await this.replicas(service);
    if (only === undefined || more.length > 0)
      throw new Error(
        `${service} has ${String(more.length + (only ? 1 : 0))} replicas\n${await this.explain()}`,
      );
    return only;
  }

  async part(role: 'proxy' | 'policy'): Promise<Info> {
    const parts = (await this.containers()).filter((info) => labelOf(info, 'role') === role);
    const [only] = parts;
    if (only === undefined || parts.length > 1)
      throw new Error(`${String(parts.length)} containers are the ${role}`);
    return only;
  }

  /** What must not change while nothing should happen. */
  async ids(): Promise<readonly string[]> {
    return (await this.containers()).map(({ Id }) => Id);
  }

  async get(path = '/', headers: Record<string, string> = {}): Promise<Answer> {
    return httpGet(this.port, path, headers);
  }

  /** The version that answers; undefined when nothing good does. */
  async servedVersion(path = '/'): Promise<string | undefined> {
    const answer = await this.get(path).catch(() => undefined);
    if (answer?.status !== 200) return undefined;
    return (JSON.parse(answer.text) as { version?: string }).version;
  }

  serves(version: string, options: UntilOptions = {}): Promise<true> {
    return until(
      `version ${version} answers`,
      async () => (await this.servedVersion()) === version || undefined,
      {
        explain: () => this.explain(),
        ...options,
      },
    );
  }

  /** Its records are checked, then nothing of it is left; a container that is not removed shows in the next test. */
  async dispose(): Promise<void> {
    for (const controller of this.controllers) if (controller.end === undefined) controller.kill9();
    await Promise.all(this.controllers.map((controller) => controller.ended()));
    try {
      await this.check();
    } finally {
      await removeAllOf(this.name);
      await rm(this.dir, { recursive: true, force: true });
    }
  }

  /** Both files obey their schemas, and the chain is whole. */
  async check(): Promise<void> {
    await checkRecords(this.statusPath, this.historyPath);
  }
}

/** A stack that the tests of one `describe` share: up before the first, its records checked after each, gone after the last. */
export function useStack(options: StackOptions = {}): Stack {
  const stack = new Stack(options);
  beforeAll(() => stack.up());
  afterEach(() => stack.check());
  afterAll(() => stack.dispose());
  return stack;
}

/** Converged, each place filled once, the proxy answers. */
export async function expectWhole(stack: Stack, places: readonly string[]): Promise<void> {
  const found = (await stack.containers()).map((info) =>
    [labelOf(info, 'role'), labelOf(info, 'service'), labelOf(info, 'track'), labelOf(info, 'replica')]
      .filter((part) => part !== undefined)
      .join('/'),
  );
  expect([...found].sort()).toEqual([...places].sort());
}
