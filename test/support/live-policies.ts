/**
 * A stack whose controller runs in this process, so that its own gate can be asked while the policies are edited:
 * who asks gets the controller's answers, from whoever decides at that moment.
 */
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { HistoryEvent } from '../../src/controller/history/history-event.js';
import { tryLock } from '../../src/cli/basics/lock.js';
import { openSession } from '../../src/cli/basics/session.js';
import { control } from '../../src/cli/loop/control.js';
import { openStack, type OpenStack } from '../../src/cli/loop/open-stack.js';
import type { Reporter } from '../../src/cli/telling/reporter.js';
import { lookAtManifest } from '../../src/reconcilers/manifest-keeper.js';
import type { StackSpec } from '../../src/reconcilers/desired/stack-spec.js';
import type { Step } from '../../src/reconcilers/plan/steps.js';
import type { Decision } from '../../src/reconcilers/policy/gate.js';
import { instanceToken } from '../../src/reconcilers/policy/instance-token.js';
import { containersOf, nameOf, removeAllOf } from './engine.js';
import { freePort } from './free-port.js';
import { manifestOf, workload } from './manifest.js';
import type { Condition } from './records.js';

const nothing = () => undefined;
const SILENT: Reporter = {
  onStep: nothing,
  onEvent: nothing,
  onTick: nothing,
  onNotice: nothing,
  onProgress: nothing,
  onState: nothing,
  onEnd: nothing,
  hasTold: () => false,
};

/** Never taken: only asked about. */
const STEP: Step = {
  kind: 'pullImage',
  target: 'asked',
  image: 'asked',
  cause: 'somebody asks',
  gate: { question: 'deploy', direction: 'forward' },
};

/** A domain `guard` that allows deploys; `mark` makes each of them another revision. */
export function guard(mark: string, allow = 'input.question == "deploy"'): string {
  return `# METADATA
# custom: {questions: [deploy]}
package swiftdeploy.guard

import rego.v1

# ${mark}
default allow := false

allow if ${allow}

decision := {"allow": allow, "reasons": ["denied by guard" | not allow], "domain": "guard"}
`;
}

export class LivePolicies {
  readonly name = `swd-live-${randomBytes(4).toString('hex')}`;
  private readonly dir = join(tmpdir(), `${this.name} x`);
  private readonly stop = new AbortController();
  private open: OpenStack | undefined;
  private stack: StackSpec | undefined;
  private ended: Promise<unknown> = Promise.resolve();
  opaPort = 0;

  /** A controller at work, with the guard of `mark`; with the shipped policies beside it where that is wanted. */
  async start(mark: string, { shipped = false }: { readonly shipped?: boolean } = {}): Promise<void> {
    const manifest = join(this.dir, 'manifest.yaml');
    if (shipped) await copyShipped(join(this.dir, 'policies'));
    await mkdir(join(this.dir, 'policies', 'guard'), { recursive: true });
    this.opaPort = await freePort();
    const ports = { proxy: await freePort(), opa: this.opaPort };
    await writeFile(manifest, stringify(manifestOf(this.name, ports, workload({ name: 'app' }))));
    await this.save(guard(mark));
    const session = await openSession({ manifest }, { stop: this.stop.signal });
    const look = await lookAtManifest({ path: manifest }, { generation: 0, stackGeneration: 0 }, undefined);
    const lock = await tryLock(session, this.name);
    if (look.stack === undefined || 'heldBy' in lock)
      throw new Error(`no stack: ${look.state.problems.join('; ')}`);
    this.stack = look.stack;
    this.open = await openStack({ session, stack: look.stack, lock, reporter: SILENT });
    const options = { manifest, stop: this.stop.signal, reporter: SILENT, listen: 'off' };
    this.ended = control(this.open, options);
  }

  /** As an editor saves: at once. */
  async save(rego: string): Promise<void> {
    const path = join(this.dir, 'policies', 'guard', 'guard.rego');
    await writeFile(join(this.dir, 'aside'), rego);
    await rename(join(this.dir, 'aside'), path);
  }

  /** The controller's own gate. */
  ask(): Promise<Decision> {
    if (this.open === undefined || this.stack === undefined) throw new Error('not started');
    return this.open.parts.gate.ask(this.stack, STEP, this.stop.signal);
  }

  /** The same for a step of the manifest's service: about all of it, as on a first start. */
  askAboutService(): Promise<Decision> {
    const [spec] = this.stack?.services ?? [];
    if (this.open === undefined || this.stack === undefined || spec === undefined)
      throw new Error('not started');
    const { name, container } = spec;
    const { image, version } = container;
    const service = { name, track: 'stable', version, image, spec } as const;
    const step: Step = { ...STEP, gate: { question: 'deploy', direction: 'forward', service } };
    return this.open.parts.gate.ask(this.stack, step, this.stop.signal);
  }

  /** Settled: its policies decide. */
  isReady(): Promise<boolean> {
    return this.condition('Ready').then((ready) => ready?.status === 'True');
  }

  /** Of the only policy engine: where OPA is asked without us. */
  async token(): Promise<string> {
    const [engine] = (await containersOf(this.name)).filter((info) => nameOf(info).includes('-policy-'));
    return instanceToken(await this.policyKey(), engine?.Id ?? '');
  }

  async policyKey(): Promise<string> {
    const tokens = JSON.parse(
      await readFile(join(this.dir, '.swiftdeploy', 'tokens.json'), 'utf8'),
    ) as unknown;
    return (tokens as { policy: string }).policy;
  }

  async condition(type: string): Promise<Condition | undefined> {
    const text = await readFile(join(this.dir, 'status.json'), 'utf8').catch(() => '{"conditions": []}');
    const { conditions } = JSON.parse(text) as { conditions: Condition[] };
    return conditions.find((condition) => condition.type === type);
  }

  async events(): Promise<readonly HistoryEvent[]> {
    const text = await readFile(join(this.dir, 'history.jsonl'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as HistoryEvent);
  }

  async dispose(): Promise<void> {
    this.stop.abort();
    await this.ended;
    await this.open?.close();
    await removeAllOf(this.name);
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** The host is busy while this runs, and that is not what is asked about. */
async function copyShipped(target: string): Promise<void> {
  await cp(fileURLToPath(new URL('../../policies', import.meta.url)), target, { recursive: true });
  const path = join(target, 'infrastructure', 'data.json');
  const data = JSON.parse(await readFile(path, 'utf8')) as { thresholds: object };
  Object.assign(data.thresholds, { max_cpu_load_per_core: 1000, min_mem_free_percent: 1 });
  await writeFile(path, JSON.stringify(data));
}
