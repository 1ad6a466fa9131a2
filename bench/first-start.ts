/** Claims: a first start of many replicas, gate and health included, is no slower than Compose's without them; asking is a small part of it. */
import { COMPOSE_VERSION } from '../test/support/compose-binary.js';
import type { Benchmark, Row } from './benchmark.js';
import { median, milliseconds, ratioRow } from './benchmark.js';
import { ComposeProject } from './compose-peer.js';
import { lightForCompose } from './idle-tick.js';
import { livePolicies } from './policy-edit.js';
import { light } from './services.js';
import { FIRST_STARTS, REPLICAS } from './settings.js';
import { StackUnderTest } from './stack-under-test.js';

/** Of a first start. */
const HIGHEST_SHARE = 0.05;

export const firstStart: Benchmark = {
  name: 'first-start',
  how: `Ours: wall time of \`swiftdeploy run --once\` from nothing to Ready: Node.js, policy check, OPA, nginx, ${String(REPLICAS)} replicas, each asked for its health through nginx. Other side: \`docker compose up -d --scale app=${String(REPLICAS)}\` (${COMPOSE_VERSION}) of the same image and an nginx, which is done when the containers are started. Interleaved; median of ${String(FIRST_STARTS)}. Then as many steps as there are replicas are asked of the controller's own gate at once, each about the whole service, by all shipped policies: from the first question to the last answer.`,
  run,
};

async function run(): Promise<readonly Row[]> {
  const ours: number[] = [];
  const other: number[] = [];
  for (let round = 0; round < FIRST_STARTS; round += 1) {
    other.push(await composeStart());
    ours.push(await ourStart());
  }
  const start = median(ours);
  const claim = `First start of ${String(REPLICAS)} replicas, against \`docker compose up -d\``;
  const asking = `The questions of ${String(REPLICAS)} steps, against a first start of as many replicas`;
  return [
    ratioRow(claim, { ours: start, other: median(other), show: milliseconds }, 1),
    ratioRow(asking, { ours: await questions(), other: start, show: milliseconds }, HIGHEST_SHARE),
  ];
}

/** Milliseconds; median of as many rounds as there are first starts. */
async function questions(): Promise<number> {
  const live = await livePolicies({ shipped: true });
  try {
    const rounds: number[] = [];
    for (let round = 0; round < FIRST_STARTS; round += 1) {
      const startedAt = performance.now();
      const decisions = await Promise.all(Array.from({ length: REPLICAS }, () => live.askAboutService()));
      rounds.push(performance.now() - startedAt);
      if (decisions.some(({ silent }) => silent)) throw new Error('the policy engine did not answer');
    }
    return median(rounds);
  } finally {
    await live.dispose();
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
