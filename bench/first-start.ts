/** Claim: a first start of many replicas, gate and health included, is no slower than Compose's without them. */
import { COMPOSE_VERSION } from '../test/support/compose-binary.js';
import type { Benchmark, Row } from './benchmark.js';
import { median, milliseconds, ratioRow } from './benchmark.js';
import { ComposeProject } from './compose-peer.js';
import { lightForCompose } from './idle-tick.js';
import { light } from './services.js';
import { FIRST_STARTS, REPLICAS } from './settings.js';
import { StackUnderTest } from './stack-under-test.js';

export const firstStart: Benchmark = {
  name: 'first-start',
  how: `Ours: wall time of \`swiftdeploy run --once\` from nothing to Ready: Node.js, policy check, OPA, nginx, ${String(REPLICAS)} replicas, each asked for its health through nginx. Other side: \`docker compose up -d --scale app=${String(REPLICAS)}\` (${COMPOSE_VERSION}) of the same image and an nginx, which is done when the containers are started. Interleaved; median of ${String(FIRST_STARTS)}.`,
  run,
};

async function run(): Promise<readonly Row[]> {
  const ours: number[] = [];
  const other: number[] = [];
  for (let round = 0; round < FIRST_STARTS; round += 1) {
    other.push(await composeStart());
    ours.push(await ourStart());
  }
  const claim = `First start of ${String(REPLICAS)} replicas, against \`docker compose up -d\``;
  return [ratioRow(claim, { ours: median(ours), other: median(other), show: milliseconds }, 1)];
}

async function ourStart(): Promise<number> {
  const stack = await StackUnderTest.prepare('first', light(REPLICAS));
  try {
    return await stack.runOnce();
  } finally {
    await stack.dispose();
  }
}

async function composeStart(): Promise<number> {
  const project = await ComposeProject.prepare('first', lightForCompose());
  try {
    return await project.up(['--scale', `app=${String(REPLICAS)}`]);
  } finally {
    await project.dispose();
  }
}
