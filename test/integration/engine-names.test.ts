/** A container's name on the real engine while somebody else's removal of its last holder is still on its way. */
import { afterEach, expect, test } from 'vitest';
import { connectEngine } from '../../src/reconcilers/docker/connect.js';
import type { ContainerTemplate } from '../../src/reconcilers/plan/container-template.js';
import { docker, inspect, removeAllOf } from '../support/engine.js';

const STACK = `swd-names-${String(process.pid)}`;
/** Each removal meets ours at another moment. */
const ROUNDS = 10;

const engine = connectEngine(process.env);
const template: ContainerTemplate = {
  name: `${STACK}-app`,
  role: 'service',
  image: 'swift-deploy-1-node:latest',
  pull: 'never',
  user: '10001:10001',
  env: {},
  labels: { 'swiftdeploy.stack': STACK },
  mounts: [],
  tmpfs: [],
  readOnly: false,
  capAdd: [],
  pids: 64,
  restartPolicy: 'no',
  stopGraceMs: 1000,
  publish: [],
  network: 'bridge',
  aliases: [],
};

afterEach(() => removeAllOf(STACK));

async function isBeingRemoved(id: string): Promise<boolean> {
  const info = await inspect(id);
  return info === undefined || info.State.Status === 'removing' || info.State.Dead;
}

test('a container that somebody removes is gone when its removal returns: its name can be given again', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = await engine.createContainer(template);
    await engine.startContainer(id);
    const byHand = docker.getContainer(id).remove({ force: true });
    await expect.poll(() => isBeingRemoved(id), { interval: 1 }).toBe(true);
    await engine.removeContainer(id);
    const next = await engine.createContainer(template);
    expect(next).not.toBe(id);
    await byHand;
    expect(await inspect(next)).toMatchObject({ State: { Status: 'created' } });
    await engine.removeContainer(next);
  }
});
