/** A policy is told where a bind mount really leads: the engine follows links. */
import { mkdir, realpath, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { MountSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import { gateService } from '../../../src/reconcilers/plan/service-slots.js';
import type { Step } from '../../../src/reconcilers/plan/steps.js';
import { listeningGate } from '../../support/listening-gate.js';
import { service, stack } from '../../support/model/stacks.js';
import { validatorOf } from '../../support/published-schemas.js';
import { temporaryDirectory } from '../controller/temporary-directory.js';

const isValid = validatorOf('policy-input');
const SIGNAL = new AbortController().signal;

let dir = '';
beforeEach(async () => {
  dir = await realpath(await temporaryDirectory());
});

const bind = (source: string): MountSpec => ({ type: 'bind', source, target: '/x', readOnly: false });

function deploying(mounts: readonly MountSpec[]) {
  const spec = service({ container: { ...service().container, mounts } });
  const gate: Step['gate'] = {
    question: 'deploy',
    direction: 'forward',
    service: gateService(spec, 'stable'),
  };
  const step: Step = { kind: 'createVolume', target: 'logs', cause: 'a service mounts it', gate };
  return { step, wanted: stack([spec]) };
}

test('a link, a folder and a volume: each as it really is, or absent', async () => {
  await symlink('/var/lib/nowhere', join(dir, 'innocent'));
  await symlink('loop', join(dir, 'loop'));
  const volume: MountSpec = { type: 'volume', source: 'logs', target: '/logs', readOnly: false };
  const { step, wanted } = deploying([
    bind(join(dir, 'innocent')),
    bind(join(dir, 'loop')),
    bind(dir),
    volume,
  ]);
  const { gate, heard } = await listeningGate();
  await gate.ask(wanted, step, SIGNAL);
  const [input] = heard;
  expect(input?.service?.mounts?.map(({ real_source }) => real_source)).toEqual([
    await realpath('/var/lib').then((path) => join(path, 'nowhere')),
    undefined,
    dir,
    undefined,
  ]);
  expect(isValid(input) ? [] : isValid.errors).toEqual([]);
});

test('a link that was turned is told anew when it is asked again, of overrides, too', async () => {
  await mkdir(join(dir, 'one'));
  await symlink('one', join(dir, 'current'));
  const { step, wanted } = deploying([bind(join(dir, 'current'))]);
  const { gate, heard } = await listeningGate();
  const override = { who: 'ana@host', why: 'now', denied: [] };
  await gate.ask(wanted, step, SIGNAL);
  await gate.askOverride(wanted, step, { override, signal: SIGNAL });
  await symlink('two', join(dir, 'next'));
  await rename(join(dir, 'next'), join(dir, 'current'));
  await gate.ask(wanted, step, SIGNAL);
  expect(heard.map(({ service: asked }) => asked?.mounts?.[0]?.real_source)).toEqual([
    join(dir, 'one'),
    join(dir, 'one'),
    join(dir, 'two'),
  ]);
});

test("the engine's socket is told where it really is, and not where nobody knows it", async () => {
  await symlink('real.sock', join(dir, 'docker.sock'));
  const { step, wanted } = deploying([]);
  const { gate, heard } = await listeningGate({}, { socket: join(dir, 'docker.sock') });
  gate.measureHost();
  await gate.ask(wanted, step, SIGNAL);
  expect(heard[0]?.host.engine_socket).toBe(join(dir, 'real.sock'));
  expect(isValid(heard[0]) ? [] : isValid.errors).toEqual([]);
  const other = await listeningGate();
  other.gate.measureHost();
  await other.gate.ask(wanted, step, SIGNAL);
  expect(other.heard[0]?.host).not.toHaveProperty('engine_socket');
});
