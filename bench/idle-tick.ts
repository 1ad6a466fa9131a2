/** Claim: looking costs little, and grows no faster than what is looked at. */
import { setTimeout as sleep } from 'node:timers/promises';
import { COMPOSE_VERSION } from '../test/support/compose-binary.js';
import type { Benchmark, Row } from './benchmark.js';
import { median, milliseconds, ratioRow } from './benchmark.js';
import { docker } from '../test/support/engine.js';
import { ComposeProject } from './compose-peer.js';
import { LIGHT, light } from './services.js';
import { SIZES } from './settings.js';
import { StackUnderTest, type Ticks } from './stack-under-test.js';
import { until } from './until.js';

const HIGHEST_RATIO = 0.2;
const SAMPLES = 10;
/** Whoever asks for the controller's metrics takes of its time: not while it ticks. */
const UNDISTURBED_MS = 300;

export const idleTick: Benchmark = {
  name: 'idle-tick',
  how: `Ours: the duration of a tick by the controller's own histogram, each caused by the event of a signal to one replica, which is inspected again. Other side: wall time of \`docker compose up -d\` (${COMPOSE_VERSION}), nothing changed, same image and number of containers on the same engine at the same time. Interleaved; median of ${String(SAMPLES)}. Linear growth: three times the containers cost at most three times the time.`,
  run,
};

interface Measured {
  readonly containers: number;
  readonly ours: number;
  readonly other: number;
}

async function run(): Promise<readonly Row[]> {
  const compose = await ComposeProject.prepare('tick', lightForCompose());
  try {
    const stack = await StackUnderTest.up('tick', light(SIZES[0] ?? 1));
    try {
      const measured: Measured[] = [];
      for (const containers of SIZES) measured.push(await measure(stack, compose, containers));
      return [...measured.map(againstCompose), ...growth(measured)];
    } finally {
      await stack.dispose();
    }
  } finally {
    await compose.dispose();
  }
}

/** As `light`, in Compose's words. */
export function lightForCompose() {
  const { image, port, user, command, capAdd } = LIGHT;
  const fields = { image, user, command, cap_drop: ['ALL'], cap_add: capAdd, restart: 'unless-stopped' };
  return { port, fields };
}

async function measure(
  stack: StackUnderTest,
  compose: ComposeProject,
  containers: number,
): Promise<Measured> {
  const scale = ['--scale', `app=${String(containers)}`];
  await stack.save({ replicas: containers });
  await stack.settled();
  await compose.up(scale);
  const [replica = ''] = await stack.replicas();
  const ours: number[] = [];
  const other: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    ours.push(await tick(stack, replica));
    other.push(await compose.up(scale));
  }
  return { containers, ours: median(ours), other: median(other) };
}

/** Milliseconds of the tick that a signal to a replica causes, one that a program that runs takes no notice of. */
async function tick(stack: StackUnderTest, replica: string): Promise<number> {
  const before = await stack.ticks();
  await docker.getContainer(replica).kill({ signal: 'SIGCONT' });
  await sleep(UNDISTURBED_MS);
  await until(async () => (await stack.ticks()).count > before.count, { paceMs: 20 });
  return perTick(before, await stack.ticks());
}

function perTick(before: Ticks, after: Ticks): number {
  return ((after.seconds - before.seconds) / (after.count - before.count)) * 1000;
}

function againstCompose({ containers, ours, other }: Measured): Row {
  const claim = `A tick without changes at ${String(containers)} containers, against \`up -d\` without changes`;
  return ratioRow(claim, { ours, other, show: milliseconds }, HIGHEST_RATIO);
}

/** The last size against the one before. */
function growth(measured: readonly Measured[]): readonly Row[] {
  const [smaller, larger] = measured.slice(-2);
  if (smaller === undefined || larger === undefined) return [];
  const claim = `Growth of a tick, ${String(larger.containers)} against ${String(smaller.containers)} containers`;
  const sides = { ours: larger.ours, other: smaller.ours, show: milliseconds };
  return [ratioRow(claim, sides, larger.containers / smaller.containers)];
}
