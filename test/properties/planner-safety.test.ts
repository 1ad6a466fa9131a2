/** Laws 4, 5 and 6 on the model: what must hold at every step, whatever the way. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { serverAddress } from '../../src/reconcilers/plan/proxy-model.js';
import type { PlanInput } from '../../src/reconcilers/plan/plan-input.js';
import { planStack } from '../../src/reconcilers/plan/plan-stack.js';
import type { Step } from '../../src/reconcilers/plan/steps.js';
import {
  anyVersion,
  deed,
  doDeed,
  enter,
  goodVersion,
  someService,
  someStack,
  someVerdict,
  start,
} from '../support/model/arbitraries.js';
import { describeLoop } from '../support/model/describe.js';
import { Broken, ModelLoop } from '../support/model/model-loop.js';
import type { ModelWorld } from '../support/model/model-world.js';
import { PATIENCE_MS, runs } from '../support/model/runs.js';
import { stack, version } from '../support/model/stacks.js';

const order = fc.infiniteStream(fc.nat({ max: 7 }));
const ordinary = (versions: fc.Arbitrary<string>) =>
  fc
    .tuple(someService('app', versions), someService('api', versions))
    .map((services) =>
      stack(services.map((one) => ({ ...one, ...(one.health ? {} : { health: HEALTHY }) }))),
    );
const HEALTHY = { path: '/', intervalMs: 1000, timeoutMs: 500, retries: 3, deadlineMs: 5000 };
const edits = fc.array(fc.tuple(ordinary(anyVersion), fc.integer({ min: 1, max: 60 })), {
  minLength: 1,
  maxLength: 4,
});

describe('new before old', { timeout: PATIENCE_MS }, () => {
  test('a replacement never leaves a route without a server that answers', () => {
    fc.assert(
      fc.property(
        ordinary(goodVersion),
        edits,
        order,
        fc.array(someVerdict),
        (first, changes, chosen, said) => {
          const watch = new TrafficWatch();
          const loop = new ModelLoop(first, { choose: () => chosen.next().value as number, ...watch.hooks });
          watch.loop = loop;
          loop.settle();
          for (const [index, [next, ticks]] of changes.entries()) {
            loop.stack = next;
            const verdict = said[index];
            for (const { name } of next.services)
              if (verdict !== undefined) loop.verdicts.set(name, { verdict, words: 'so it is' });
            for (let tick = 0; tick < ticks; tick += 1) loop.tick();
          }
        },
      ),
      { numRuns: runs(10) },
    );
  });
});

/** Fails at the first step that takes a route's last server away, or stops what a worker may still use. */
class TrafficWatch {
  loop: ModelLoop | undefined;
  private before: ReadonlyMap<string, number> = new Map();

  readonly hooks = {
    beforeStep: (step: Step, world: ModelWorld): void => {
      this.before = this.alive(world);
      if (step.kind !== 'stopContainer' && step.kind !== 'removeContainer') return;
      const container = world.find(step.id);
      const proxy = world.runningProxy();
      if (container === undefined || proxy === undefined || container.role !== 'service') return;
      const known = world.proxy.reachable(proxy.id).has(serverAddress(container.id));
      if (known && world.answers(container, this.network()))
        this.broken(`${step.kind} ${step.target}: a worker still knows it`);
    },
    afterStep: (step: Step, world: ModelWorld): void => {
      const after = this.alive(world);
      for (const [service, count] of this.before)
        if (count > 0 && after.get(service) === 0)
          this.broken(`${step.kind} ${step.target} left ${service} without a server`);
      for (const [service, containers] of world.answering(this.network()))
        for (const { version: shown = '' } of containers)
          if (/sick|crash/.test(shown)) this.broken(`${service} got traffic on ${shown}`);
    },
  };

  private alive(world: ModelWorld): ReadonlyMap<string, number> {
    return new Map([...world.answering(this.network())].map(([service, { length }]) => [service, length]));
  }

  private network(): string {
    return this.loop?.stack.network.name ?? '';
  }

  private broken(message: string): never {
    throw new Broken(`${message}\n${this.loop === undefined ? '' : describeLoop(this.loop)}`);
  }
}

describe('denied', { timeout: PATIENCE_MS }, () => {
  test('no step goes forward and traffic stays where it is', () => {
    fc.assert(
      fc.property(ordinary(goodVersion), ordinary(anyVersion), fc.boolean(), (first, next, backToo) => {
        const loop = new ModelLoop(first);
        loop.settle();
        const before = idsAnswering(loop);
        loop.allow = ({ direction }) => direction === 'back' && !backToo;
        loop.stack = next;
        for (let tick = 0; tick < 40; tick += 1) {
          const { results } = loop.tick();
          const done = results.filter(
            ({ kind, step }) => kind === 'done' && step.gate?.direction === 'forward',
          );
          expect(done).toEqual([]);
        }
        expect(idsAnswering(loop), describeLoop(loop)).toEqual(before);
      }),
      { numRuns: runs(12) },
    );
  });

  test('from any start nothing goes forward, whatever else is done', () => {
    fc.assert(
      fc.property(someStack(), start, (spec, begin) => {
        const loop = new ModelLoop(spec, { policy: () => false });
        loop.memory = enter(loop, begin);
        for (let tick = 0; tick < 25; tick += 1) {
          const { results } = loop.tick();
          const done = results.filter(
            ({ kind, step }) => kind === 'done' && step.gate?.direction === 'forward',
          );
          expect(done).toEqual([]);
        }
      }),
      { numRuns: runs(25) },
    );
  });
});

function idsAnswering({ world, stack: spec }: ModelLoop): Record<string, string[]> {
  const answering = world.answering(spec.network.name);
  return Object.fromEntries([...answering].map(([name, all]) => [name, all.map(({ id }) => id)]));
}

describe('a way back', { timeout: PATIENCE_MS }, () => {
  test.each(['silent', 'starting'] as const)('is never blocked by a policy engine that is %s', (how) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        order,
        fc.boolean(),
        fc.boolean(),
        (replicas, chosen, isFailure, goesBack) => {
          const good = version('1.0.0', { replicas });
          const loop = new ModelLoop(stack([good]), { choose: () => chosen.next().value as number });
          loop.settle();
          loop.stack = stack([version(isFailure ? '3.0.0-sick' : '2.0.0', { replicas, mode: 'canary' })]);
          if (isFailure) loop.rest();
          else loop.settle();
          loop.silent = true;
          if (how === 'starting')
            for (const { id, role } of loop.world.containers) if (role === 'policy') loop.world.remove(id);
          if (!isFailure || goesBack) loop.stack = stack([good]);
          for (let tick = 0; tick < 60; tick += 1) loop.tick();
          const serving = loop.world.answering('shop-net').get('app') ?? [];
          const shown = serving.map(({ track = '', version: text = '' }) => `${track} ${text}`);
          expect(shown, describeLoop(loop)).toEqual(Array.from({ length: replicas }, () => 'stable 1.0.0'));
          const up = loop.world.containers.filter(
            ({ track, state }) => track === 'canary' && state === 'running',
          );
          expect(up, describeLoop(loop)).toEqual([]);
        },
      ),
      { numRuns: runs(8) },
    );
  });
});

describe('mine alone', { timeout: PATIENCE_MS }, () => {
  test('what carries no label of this stack is never the target of a step, and stays as it is', () => {
    const squatters = fc.record({
      containers: fc.subarray(['shop-proxy', 'shop-policy-dddddddd', 'mine', 'other']),
      networks: fc.subarray(['shop-net', 'shop-policy', 'elsewhere']),
      volumes: fc.subarray(['logs', 'data']),
    });
    fc.assert(
      fc.property(
        someStack(goodVersion),
        start,
        squatters,
        fc.array(deed, { maxLength: 3 }),
        (spec, begin, theirs, deeds) => {
          const loop = new ModelLoop(spec, { beforeStep: refuseForeign });
          const foreign = plant(loop, theirs);
          loop.memory = enter(loop, {
            ...begin,
            networks: begin.networks.filter((name) => !theirs.networks.includes(name)),
          });
          for (const done of [...deeds, { do: 'nothing', which: 0 } as const]) {
            for (let tick = 0; tick < 12; tick += 1) loop.tick();
            if (done.do !== 'cutNetwork' && done.do !== 'prune') doDeedOnOwn(loop, done);
          }
          const left = loop.world.containers.filter(({ id }) => foreign.ids.has(id));
          expect(left).toEqual(foreign.containers);
          expect(loop.world.networks.filter(({ mine }) => !mine)).toEqual(foreign.networks);
          expect(loop.world.volumes.filter(({ mine }) => !mine)).toEqual(foreign.volumes);
        },
      ),
      { numRuns: runs(25) },
    );
  });
});

function isForeign(world: ModelWorld, idOrName: string): boolean {
  return world.find(idOrName)?.config.labels['swiftdeploy.stack'] === 'somebody-else';
}

function refuseForeign(step: Step, world: ModelWorld): void {
  if ('id' in step && isForeign(world, step.id)) throw new Broken(`${step.kind} ${step.target}`);
  const byName = ['startContainer', 'loadPolicies', 'configureProxy', 'stageProxy'];
  if (byName.includes(step.kind) && isForeign(world, step.target))
    throw new Broken(`${step.kind} ${step.target}`);
}

function plant(
  { world, stack: spec }: ModelLoop,
  theirs: { containers: string[]; networks: string[]; volumes: string[] },
) {
  const own = new ModelLoop({ ...spec, name: 'shop' });
  own.settle();
  const [sample] = own.world.containers;
  const labels = { 'swiftdeploy.stack': 'somebody-else' };
  const containers = theirs.containers.flatMap((name) =>
    sample === undefined
      ? []
      : [
          {
            ...sample,
            id: world.nextId(),
            name,
            role: 'service' as const,
            config: { ...sample.config, labels, publish: [] },
          },
        ],
  );
  const networks = theirs.networks.map((name) => ({
    id: world.nextId(),
    name,
    driver: 'bridge',
    mine: false,
  }));
  const volumes = theirs.volumes.map((name) => ({ name, mine: false }));
  world.containers = containers;
  world.networks = networks;
  world.volumes = volumes;
  return { ids: new Set(containers.map(({ id }) => id)), containers, networks, volumes };
}

/** Damage, but not to what is not ours. */
function doDeedOnOwn(loop: ModelLoop, done: Parameters<typeof doDeed>[1]): void {
  const { world } = loop;
  const foreign = world.containers.filter(({ id }) => isForeign(world, id));
  world.containers = world.containers.filter(({ id }) => !isForeign(world, id));
  if (done.do !== 'die') doDeed(loop, done);
  world.containers = [...foreign, ...world.containers];
}

describe('the plan', { timeout: PATIENCE_MS }, () => {
  test('is empty while nothing changes, however long', () => {
    fc.assert(
      fc.property(
        someStack(goodVersion),
        fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 5 }),
        (spec, waits) => {
          const loop = new ModelLoop(spec);
          loop.settle();
          const { containers } = loop.world;
          for (const ms of waits) {
            loop.world.passes(ms);
            expect(loop.tick().results).toEqual([]);
          }
          expect(loop.world.containers).toEqual(containers);
        },
      ),
      { numRuns: runs(12) },
    );
  });

  test('does not depend on the order of what was observed', () => {
    fc.assert(
      fc.property(someStack(), start, fc.nat({ max: 25 }), fc.nat(), (spec, begin, ticks, seed) => {
        const loop = new ModelLoop(spec);
        loop.memory = enter(loop, begin);
        for (let tick = 0; tick < ticks; tick += 1) loop.tick();
        const input = loop.input();
        const { world } = input;
        const shuffled = {
          ...world,
          containers: shuffle(world.containers, seed),
          networks: shuffle(world.networks, seed),
          volumes: shuffle(world.volumes, seed),
          images: new Map(shuffle([...world.images], seed)),
          health: new Map(shuffle([...world.health], seed)),
        };
        expect(signature({ ...input, world: shuffled })).toEqual(signature(input));
      }),
      { numRuns: runs(50) },
    );
  });
});

/** A permutation that a number chooses. */
function shuffle<T>(items: readonly T[], seed: number): T[] {
  const rest = [...items];
  const shuffled: T[] = [];
  for (let left = seed; rest.length > 0; left = Math.floor(left / 7) + 3)
    shuffled.push(...rest.splice(left % rest.length, 1));
  return shuffled;
}

/** All that a plan says; chains are independent, so their order says nothing. */
function signature(input: PlanInput) {
  const { chains, findings, memory, converged, wakeAt } = planStack(input);
  return {
    chains: chains.map((chain) => JSON.stringify(chain)).sort(),
    findings: findings.map(({ message }) => message).sort(),
    memory,
    converged,
    wakeAt,
  };
}
