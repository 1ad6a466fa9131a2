/** A controller that runs keeps its hands off what is suspended, tells what it sees, and goes on at once when it is over. */
import { describe, expect, test } from 'vitest';
import { docker } from '../support/engine.js';
import { workload } from '../support/manifest.js';
import { useStack, type Stack } from '../support/stack.js';
import { CommandLine } from '../support/swiftdeploy.js';

async function stopByHand(stack: Stack, service = 'app'): Promise<string> {
  const { Id } = await stack.replica(service);
  await docker.getContainer(Id).stop({ t: 0 });
  return Id;
}

async function stateOf(id: string): Promise<string> {
  return (await docker.getContainer(id).inspect()).State.Status;
}

describe('a stack that a person suspends', () => {
  const stack = useStack();
  const cli = new CommandLine(stack.dir);

  test('is not touched from the moment that the command has ended, over a restart of the controller', async () => {
    const seq = await stack.lastSeq();
    const { stderr } = await cli.succeed('suspend', '--why', 'INC-42: by hand', '--for', '2h');
    expect(stderr).toContain('the controller applies nothing of it from now on');
    await stack.event(seq, 'suspended', { why: 'INC-42: by hand', who: /@/ });
    expect(stack.controller?.log).toContain('INC-42: by hand');
    await stack.condition('Suspended', 'True', 'ByPerson');
    await stack.condition('Ready', 'True');

    const id = await stopByHand(stack);
    await stack.event(seq, 'drift_detected', { kind: 'stopped' });
    await stack.condition('InSync', 'False', 'Drift');
    await stack.condition('Ready', 'False', 'Suspended');
    await stack.condition('Reconciling', 'False', 'Suspended');
    await stack.set({ version: '2' });
    await stack.event(seq, 'manifest_changed');

    await stack.stop();
    stack.startController();
    await stack.event(seq, 'controller_started');
    await stack.condition('Ready', 'False', 'Suspended');
    expect([await stateOf(id), (await stack.replicas()).length]).toEqual(['exited', 1]);
    const deploy = await cli.run('deploy');
    expect([deploy.code, deploy.stderr]).toEqual([1, expect.stringContaining('INC-42')]);
  });

  test('goes on at once when that is over', async () => {
    const seq = await stack.lastSeq();
    const { stderr } = await cli.succeed('resume');
    expect(stderr).toContain('the controller goes on');
    await stack.event(seq, 'resumed', { who: /@/ });
    await stack.settled();
    expect(await stack.servedVersion()).toBe('2');
    const { conditions } = (await stack.status()) ?? { conditions: [] };
    expect(conditions.map(({ type }) => type)).not.toContain('Suspended');
  });

  test('or its manifest, until the manifest says otherwise', async () => {
    const seq = await stack.lastSeq();
    await stack.edit((manifest) => Object.assign(manifest, { suspend: true }));
    await stack.condition('Suspended', 'True', 'ByManifest');
    const id = await stopByHand(stack);
    await stack.condition('Ready', 'False', 'Suspended');
    expect(await stateOf(id)).toBe('exited');
    await stack.edit((manifest) => Object.assign(manifest, { suspend: false }));
    await stack.settled();
    expect((await stack.happenedSince(seq)).filter((name) => /suspended|resumed/.test(name))).toEqual([
      'suspended',
      'resumed',
    ]);
  });
});

describe('a service that is suspended', () => {
  const services = {
    app: workload({ route: { path: '/' } }),
    web: workload({ route: { path: '/web' } }),
  };
  const stack = useStack({ services });
  const cli = new CommandLine(stack.dir);

  test('is left alone while its neighbour is healed, and is healed when its time is over', async () => {
    const seq = await stack.lastSeq();
    await cli.succeed('suspend', 'app', '--why', 'its data is moved');
    const [app] = [await stopByHand(stack, 'app'), await stopByHand(stack, 'web')];
    await stack.event(seq, 'drift_healed', { target: /-web-/ });
    await stack.condition('Ready', 'False', 'Suspended');
    expect(await stateOf(app)).toBe('exited');
    await cli.succeed('suspend', 'app', '--why', 'nearly done', '--for', '2s');
    await stack.event(seq, 'resumed', { who: 'time' });
    await stack.settled();
    expect(await stateOf(app)).toBe('running');
  });
});
