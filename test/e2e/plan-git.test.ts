/** What `plan` prints is what `run --git` then does: for a commit before it is pushed, for what is held back, for a manifest that is gone. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PolicyExplanation } from '../../src/cli/policies/explanation.js';
import type { PlanDocument } from '../../src/cli/plan/plan-document.js';
import { GitStack } from '../support/git-stack.js';
import { expectSteps, PlanAndRun, stepsTold } from '../support/plan-and-run.js';
import { CommandLine } from '../support/swiftdeploy.js';

describe('what plan prints is what run does, from git', () => {
  const stack = new GitStack();
  const cli = new CommandLine(stack.dir);
  const pruning = new PlanAndRun(cli, [...stack.args, '--prune']);

  beforeAll(async () => {
    await stack.prepare();
    await pruning.run();
  });
  afterAll(() => stack.dispose());

  function plannedInClone(): Promise<PlanDocument> {
    return pruning.planned('-f', stack.wishPath, '--state-dir', join(stack.dir, '.swiftdeploy'));
  }

  /** The repository has deleted the manifest, and a controller knows it and has taken no step yet. */
  async function deleteUntaken(): Promise<void> {
    await cli.succeed('suspend', '--why', 'to look first');
    await rm(stack.wishPath);
    await stack.push('close the shop');
    expect(await pruning.run(1)).toEqual([]);
  }

  test('a commit, planned in a clone before it is pushed', async () => {
    stack.app.version = '2';
    await stack.save();
    const plan = await plannedInClone();
    expect(plan.services[0]?.fields).toEqual([{ field: 'version', from: '1', to: '2' }]);
    await pruning.expectTaken(plan);
  });

  test('a commit that is held back, and asked about with its author', async () => {
    const rules = join(stack.policiesPath, 'source', 'data.json');
    const authors = { deny: [], allow: ['Ann <ann@example.com>'] };
    const open = JSON.parse(await readFile(rules, 'utf8')) as object;
    await writeFile(rules, JSON.stringify({ ...open, authors }));
    await stack.push('Ann alone');
    await pruning.run();
    await cli.succeed('suspend', '--why', 'to look first');
    await stack.set({ version: '3' });
    expect(await pruning.run(1)).toEqual([]);
    const plan = await pruning.planned();
    expect(plan.notes.join()).toContain('to look first');
    expect(plan).toMatchObject({ changes: false, stages: [], end: 'held' });
    await cli.succeed('resume');
    expect((await pruning.expectPlanned()).stages).toEqual(plan.held?.stages);
  });

  test('a commit of an author whom the policies refuse: run, plan and policies explain deny the same step', async () => {
    const rules = join(stack.policiesPath, 'source', 'data.json');
    const before = JSON.parse(await readFile(rules, 'utf8')) as object;
    const authors = { deny: ['Ann <ann@example.com>'], allow: [] };
    await writeFile(rules, JSON.stringify({ ...before, authors }));
    await stack.push('not Ann');
    await pruning.run();
    await stack.set({ version: '3.1' });
    expect(await pruning.run(2)).toEqual([]);
    const plan = await pruning.planned();
    const [step] = plan.stages.flatMap(({ chains }) => chains.flat()).filter(({ gate }) => gate === 'denied');
    const { kind, target, cause, reasons } = step ?? {};
    const question = ['--question', step?.question ?? ''];
    const { stdout } = await cli.succeed('policies', 'explain', 'source', ...question, '-o', 'json');
    const { input, answer, notes } = JSON.parse(stdout) as PolicyExplanation;
    expect({ input, notes }).toMatchObject({
      input: { step: { kind, target, cause }, source: { author: 'Ann <ann@example.com>' } },
      notes: [],
    });
    expect(answer.reasons.map(({ message }) => `source: ${message}`)).toEqual(reasons);
    // In a clone nobody is the author of what is not committed yet.
    await writeFile(rules, JSON.stringify({ ...before, authors: { deny: [], allow: [] } }));
    await stack.push('everybody again');
    await pruning.run();
  });

  test('a manifest that is gone, with prune: everything goes, and comes back', async () => {
    await deleteUntaken();
    const plan = await pruning.planned();
    expect(plan).toMatchObject({ removed: true, stages: [], services: [{ name: 'app', change: 'removed' }] });
    expect(plan.notes.join('\n')).toMatch(/close the shop; it deletes manifest\.yaml, and prune is true/);
    await cli.succeed('resume');
    expect((await pruning.expectPlanned()).stages).toEqual(plan.held?.stages);
    expect(await stack.containers()).toEqual([]);
    await stack.set({ version: '4' });
    await pruning.expectTaken(await plannedInClone());
  });

  test('a manifest that is gone, by commands that need it: they say so', async () => {
    await deleteUntaken();
    for (const command of ['validate', 'render'])
      expect(await cli.run(command)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('comes from git, which has none now') as string,
      });
    await cli.succeed('resume');
  });

  test('and when prune is taken out: what was in force comes back', async () => {
    await pruning.run();
    expect(await stack.containers()).toEqual([]);
    const source = join(stack.dir, '.swiftdeploy', 'source.yaml');
    await writeFile(source, `url: ${stack.bare}\nprune: false\n`);
    const plan = await pruning.planned();
    expect(plan).not.toHaveProperty('removed');
    const { child, said, ended } = cli.start('run', '--log', 'json', '--listen', 'off');
    await stack.waitFor('what was in force is there again', ({ conditions, controller }) => {
      const ready = conditions.find(({ type }) => type === 'Ready');
      return controller.pid === child.pid && ready?.status === 'True';
    });
    child.kill('SIGTERM');
    await ended;
    expectSteps(plan, stepsTold(said.stdout + said.stderr));
    expect(await stack.servedVersion()).toBe('4');
  });
});
