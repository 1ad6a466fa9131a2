/** More services than one reload of nginx, one read of its buffer, or one batch of the Engine takes: all start, and all change, at once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labelOf } from '../support/engine.js';
import { Load } from '../support/load.js';
import { Stack } from '../support/stack.js';

const MANY = 30;
const PATIENCE = { timeoutMs: 120_000 };
const names = Array.from({ length: MANY }, (_, n) => `service-${String(n)}`);
const hostOf = (name: string) => `${name}.some-department.example.com`;

/** One process each. The first has no host of its own: whoever asks for nobody else is answered by it. */
function serviceOf(name: string, version: string) {
  const route = name === names[0] ? { path: '/' } : { host: hostOf(name), path: '/' };
  const command = ['nginx', '-g', 'daemon off; master_process off;'];
  const program = { image: 'nginx:latest', user: '0:0', cap_add: ['CHOWN'], command, port: 80 };
  return { ...program, version, route, health: { path: '/', interval: '2s', deadline: '60s' }, drain: '2s' };
}

function servicesOf(version: string) {
  return Object.fromEntries(names.map((name) => [name, serviceOf(name, version)]));
}

describe('many services', () => {
  const stack = new Stack({ services: servicesOf('1') });
  const versions = async () => {
    const found = (await stack.containers()).filter((info) => labelOf(info, 'role') === 'service');
    return found.map((info) => labelOf(info, 'version'));
  };
  const failed = () => stack.controller?.log.split('\n').filter((line) => /✘|MaxListeners/.test(line));

  beforeAll(() => stack.prepare());
  afterAll(() => stack.dispose());

  test('start together, and each answers by its own name', async () => {
    stack.startController();
    await stack.settled(PATIENCE);
    const answers = await Promise.all(names.map((name) => stack.get('/', { host: hostOf(name) })));
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 200));
    expect(failed()).toEqual([]);
  });

  test('change together, and nobody is refused', async () => {
    const load = new Load(`http://127.0.0.1:${String(stack.port)}/`, { gets: 2, posts: 0 });
    await stack.edit((manifest) => (manifest.services = servicesOf('2')));
    await stack.settled(PATIENCE);
    await stack.until('one of each is left', async () => (await versions()).length === MANY, PATIENCE);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(await versions()).toEqual(names.map(() => '2'));
    expect(failed()).toEqual([]);
  });
});
