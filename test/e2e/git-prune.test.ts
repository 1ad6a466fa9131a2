/** With `--prune`, a commit that deletes the manifest removes the stack, and one that brings it back deploys it again. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { docker } from '../support/engine.js';
import { EngineTap, type Trap } from '../support/engine-tap.js';
import { GitStack } from '../support/git-stack.js';
import { CommandLine } from '../support/swiftdeploy.js';
import { expectWhole } from '../support/stack.js';

class PrunedStack extends GitStack {
  override readonly args: readonly string[] = ['--git', this.bare, '--prune'];

  /** Returns the commit. */
  async deleteManifest(): Promise<string> {
    await rm(this.wishPath);
    return this.push('close the shop');
  }

  async networks(): Promise<readonly string[]> {
    const filters = { label: [`swiftdeploy.stack=${this.name}`] };
    return (await docker.listNetworks({ filters })).map(({ Name }) => Name);
  }

  async volumes(): Promise<readonly string[]> {
    const { Volumes } = await docker.listVolumes({ filters: { label: [`swiftdeploy.stack=${this.name}`] } });
    return Volumes.map(({ Name }) => Name);
  }

  /** Nothing but volumes is left, in the words of the controller that runs now. */
  async gone(): Promise<void> {
    await this.waitFor(
      'the stack is removed',
      ({ conditions, controller }) =>
        conditions.some(({ type, reason }) => type === 'Ready' && reason === 'Pruned') &&
        controller.pid === this.controller?.child.pid,
    );
    expect([await this.containers(), await this.networks()]).toEqual([[], []]);
    expect(await this.volumes()).toEqual([`${this.name}-logs`]);
  }
}

const PLACES = ['policy', 'proxy', 'service/app/stable/1'];

const KEEP = `# METADATA
# custom:
#   questions: [remove]
package swiftdeploy.keep

import rego.v1

decision := {"allow": false, "reasons": [{"code": "keep", "message": "it stays", "observed": 1, "limit": 0}]}
`;

const REMOVALS: readonly (readonly [string, Pick<Trap, 'method' | 'path'>])[] = [
  ['stops the proxy', { method: 'POST', path: /^\/containers\/[^/]+\/stop/ }],
  ['removes a container', { method: 'DELETE', path: /^\/containers\// }],
  ['removes a network', { method: 'DELETE', path: /^\/networks\// }],
];

describe('a manifest that is deleted in git', () => {
  const stack = new PrunedStack();
  const tap = new EngineTap(join(stack.dir, 'engine.sock'));
  let version = 1;

  beforeAll(async () => {
    await stack.prepare();
    await tap.listen();
    await stack.set({ log_volume: `${stack.name}-logs` });
    stack.startController(tap.env);
    await stack.settled();
  });
  afterEach(() => stack.check());
  afterAll(async () => {
    await stack.dispose();
    tap.close();
  });

  async function bringBack(): Promise<void> {
    version += 1;
    await stack.set({ version: String(version) });
    await stack.serves(String(version));
    await stack.settled();
    await expectWhole(stack, PLACES);
  }

  test('takes the stack away, and says by whose commit; volumes stay', async () => {
    const seq = await stack.lastSeq();
    const commit = await stack.deleteManifest();
    await stack.gone();
    await stack.condition('SourceReady', 'True', 'Pruned');
    await stack.condition('Available', 'False', 'Pruned');
    await stack.event(seq, 'source_pruned', { commit, author: 'Ann <ann@example.com>' });
    expect(await stack.status()).toMatchObject({
      source: { commit, pruned: true, subject: 'close the shop' },
      services: [],
    });
  });

  test('is not brought back by `deploy`', async () => {
    const { code, stderr } = await new CommandLine(stack.dir).run('deploy');
    expect([code, stderr]).toEqual([1, expect.stringContaining('comes from git, which has none now')]);
    await stack.gone();
  });

  test('stays removed over a restart, and a commit that brings it back deploys it again', async () => {
    await stack.kill9();
    stack.startController(tap.env);
    await stack.gone();
    const seq = await stack.lastSeq();
    await bringBack();
    await stack.event(seq, 'source_changed');
    expect((await stack.status())?.source).not.toHaveProperty('pruned');
  });

  test('is nothing that a suspended stack is removed for', async () => {
    await stack.edit((manifest) => Object.assign(manifest, { suspend: true }));
    await stack.condition('Suspended', 'True');
    await stack.deleteManifest();
    await stack.condition('Stalled', 'True', 'Suspended');
    await expectWhole(stack, PLACES);
    await stack.edit((manifest) => Object.assign(manifest, { suspend: false }));
    await stack.settled();
  });

  test('is asked of the policies: what may not be removed stays, and says why', async () => {
    const seq = await stack.lastSeq();
    const keep = join(stack.policiesPath, 'keep');
    await mkdir(keep);
    await writeFile(join(keep, 'keep.rego'), KEEP);
    await stack.push('nothing may be removed');
    await stack.event(seq, 'policy_changed');
    await stack.condition('PolicyReady', 'True');
    await stack.deleteManifest();
    await stack.condition('Stalled', 'True', 'PolicyDenied');
    await stack.until('one policy engine decides', async () => (await stack.containers()).length === 3);
    await expectWhole(stack, PLACES);
    await rm(keep, { recursive: true });
    await stack.save();
    await stack.settled();
  });

  for (const when of ['before', 'after'] as const)
    test.each(REMOVALS)(`kill -9 ${when} the engine %s ends in the same state`, async (_what, call) => {
      tap.set({ ...call, when, spring: () => stack.controller?.kill9() });
      await stack.deleteManifest();
      await stack.until('the controller dies', () => stack.controller?.end === 'SIGKILL');
      stack.startController(tap.env);
      await stack.gone();
      await bringBack();
    });
});
