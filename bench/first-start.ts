/** Claim: a first start of many replicas, gate and health included, is no slower than Compose's without them. */
import { COMPOSE_VERSION } from '../test/support/compose-binary.js';
import type { Benchmark, Row } from './benchmark.js';
import { median, milliseconds, ratioRow } from './benchmark.js';
import { ComposeProject } from './compose-peer.js';
import { lightForCompose } from './idle-tick.js';
import { light } from './services.js';
import { FIRST_STARTS, REPLICAS } from './settings.js';
import { StackUnderTest } from './stack-under-test.js';

const HIGHEST_SHARE = 0.05;

export const firstStart: Benchmark = {
  name: 'first-start',
  how: `Ours: wall time of \`swiftdeploy run --once\` from nothing to Ready: Node.js, policy check, OPA, nginx, ${String(REPLICAS)} replicas, each asked for its health through nginx. Other side: \`docker compose up -d --scale app=${String(REPLICAS)}\` (${COMPOSE_VERSION}) of the same image and an nginx, which is done when the containers are started. Interleaved; median of ${String(FIRST_STARTS)}. Then once more with a controller that stays, until its status says Ready: its own histogram says how long each question to the policies waited for its answer; all of them are summed, also those that waited beside each other.`,
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
  return [
    ratioRow(claim, { ours: median(ours), other: median(other), show: milliseconds }, 1),
    await questionsRow(),
  ];
}

async function questionsRow(): Promise<Row> {
  const stack = await StackUnderTest.prepare('first', light(REPLICAS));
  try {
    const other = await stack.run();
    const { count, seconds } = await stack.decisions();
    const claim = `Waiting for the policies' answers (${String(count)}) in a first start of ${String(REPLICAS)} replicas, against all of it`;
    return ratioRow(claim, { ours: 1000 * seconds, other, show: milliseconds }, HIGHEST_SHARE);
  } finally {
    await stack.dispose();
  }
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
