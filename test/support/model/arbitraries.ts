/** Random stacks, random worlds that a controller may find, and random things that people do to a running stack. */
import fc from 'fast-check';
import { specHash } from '../../../src/reconcilers/desired/spec-hash.js';
import type {
  CanarySpec,
  CanaryStep,
  ServiceSpec,
  StackSpec,
} from '../../../src/reconcilers/desired/stack-spec.js';
import type { ContainerState, ObservedContainer } from '../../../src/reconcilers/observed/world.js';
import type { Goal } from '../../../src/reconcilers/plan/goals.js';
import type { ServiceMemory, StackMemory } from '../../../src/reconcilers/plan/memory.js';
import { proxyContainerName, serviceContainerName } from '../../../src/reconcilers/plan/names.js';
import type { ProxyModel, Track } from '../../../src/reconcilers/plan/proxy-model.js';
import { serverAddress } from '../../../src/reconcilers/plan/proxy-model.js';
import type { CanaryVerdict } from '../../../src/reconcilers/plan/rollout.js';
import { policyTemplate, proxyTemplate, serviceTemplate } from '../../../src/reconcilers/plan/templates.js';
import { made } from '../../../src/reconcilers/plan/predict/made-container.js';
import type { POLICY, ModelLoop } from './model-loop.js';
import { REGISTRY, type ModelWorld } from './model-world.js';
import { service, stack } from './stacks.js';

const GOOD = ['1.0.0', '2.0.0', '2.1.0-slow'] as const;
const BAD = ['3.0.0-sick', '3.1.0-crash'] as const;
const NAMES = ['api', 'app'] as const;

export const goodVersion = fc.constantFrom(...GOOD);
export const anyVersion = fc.constantFrom(...GOOD, ...BAD);

export function isGood(spec: ServiceSpec): boolean {
  return !BAD.some((version) => spec.container.version === version);
}

/** Rising shares with pauses between them. */
const someCanary: fc.Arbitrary<CanarySpec> = fc
  .record({
    weights: fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 4 }),
    holdMs: fc.constantFrom(0, 500, 5000),
    isPaused: fc.boolean(),
    replicas: fc.integer({ min: 1, max: 2 }),
    bakeMs: fc.constantFrom(undefined, 500, 60_000),
  })
  .map(({ weights, holdMs, isPaused, replicas, bakeMs }) => ({
    steps: [...weights]
      .sort((a, b) => a - b)
      .flatMap((weight): CanaryStep[] => [
        { kind: 'share', weight, holdMs },
        ...(isPaused ? [{ kind: 'pause' } as const] : []),
      ]),
    sticky: 'cookie',
    replicas,
    warmupMs: 0,
    deadlineMs: 60_000,
    ...(bakeMs === undefined ? {} : { bakeMs }),
  }));

/** What the policies may say of any canary. */
export const someVerdict = fc.constantFrom<CanaryVerdict['verdict']>(
  'advance',
  'hold',
  'rollback',
  'inconclusive',
);

/** `api` at `/api` and `app` at `/`: all that a random manifest is made of. */
export function someService(name: string, version: fc.Arbitrary<string>): fc.Arbitrary<ServiceSpec> {
  return fc
    .record({
      version,
      mode: fc.constantFrom('stable' as const, 'canary' as const),
      replicas: fc.integer({ min: 1, max: 3 }),
      restartPolicy: fc.constantFrom('unless-stopped' as const, 'no' as const),
      memoryBytes: fc.constantFrom(undefined, 256_000_000),
      unusual: fc.constantFrom('no', 'no', 'no', 'health', 'route', 'volume'),
      canary: fc.option(someCanary, { nil: undefined }),
    })
    .map(({ version: text, mode, replicas, restartPolicy, memoryBytes, unusual, canary }) =>
      service({
        name,
        mode,
        replicas,
        ...(canary === undefined ? {} : { canary }),
        ...(unusual === 'health' ? { noHealth: true } : {}),
        ...(unusual === 'route' ? { noRoute: true } : { route: { path: name === 'app' ? '/' : `/${name}` } }),
        container: {
          version: text,
          restartPolicy,
          resources: { pids: 100, ...(memoryBytes === undefined ? {} : { memoryBytes }) },
          mounts:
            unusual === 'volume'
              ? [{ type: 'volume', source: 'logs', target: '/logs', readOnly: false }]
              : [],
        },
      }),
    );
}

export function someStack(version: fc.Arbitrary<string> = anyVersion): fc.Arbitrary<StackSpec> {
  return fc
    .record({
      app: someService('app', version),
      api: fc.option(someService('api', version), { nil: undefined }),
      nginx: fc.constantFrom('nginx:1', 'nginx:1', 'nginx:old'),
    })
    .map(({ app, api, nginx }) => {
      const services = api === undefined ? [app] : [app, api];
      const { proxy } = stack(services);
      return stack(services, { proxy: { ...proxy, image: nginx } });
    });
}

const STATES: readonly ContainerState[] = [
  'created',
  'running',
  'running',
  'running',
  'paused',
  'exited',
  'dead',
  'removing',
];

interface Found {
  readonly spec: ServiceSpec;
  readonly track: Track;
  readonly replica: number;
  readonly state: ContainerState;
  readonly oddity:
    'none' | 'renamed' | 'misnamed' | 'edited' | 'limits' | 'disconnected' | 'connected' | 'unlabelled';
  readonly other: number;
}

/** A container of this stack as some earlier life, or somebody's hands, left it. */
const found: fc.Arbitrary<Found> = fc.record({
  spec: fc.constantFrom('app', 'api', 'ghost').chain((name) => someService(name, anyVersion)),
  track: fc.constantFrom('stable' as const, 'canary' as const),
  replica: fc.integer({ min: 1, max: 3 }),
  state: fc.constantFrom(...STATES),
  oddity: fc.constantFrom(
    'none',
    'none',
    'renamed',
    'misnamed',
    'edited',
    'limits',
    'disconnected',
    'connected',
    'unlabelled',
  ),
  other: fc.integer({ min: 1, max: 3 }),
});

export interface Start {
  readonly found: readonly Found[];
  readonly proxies: readonly { state: ContainerState; named: boolean }[];
  readonly policies: readonly { state: ContainerState; current: boolean; loaded: boolean }[];
  readonly networks: readonly string[];
  readonly images: readonly string[];
  readonly served: 'nothing' | 'some' | 'stale';
  readonly memory: readonly {
    name: string;
    stable?: ServiceSpec | undefined;
    canary?: ServiceSpec | undefined;
  }[];
  readonly applied: boolean;
}

export const start: fc.Arbitrary<Start> = fc.record({
  found: fc.array(found, { maxLength: 6 }),
  proxies: fc.array(fc.record({ state: fc.constantFrom(...STATES), named: fc.boolean() }), { maxLength: 2 }),
  policies: fc.array(
    fc.record({ state: fc.constantFrom(...STATES), current: fc.boolean(), loaded: fc.boolean() }),
    { maxLength: 2 },
  ),
  networks: fc.subarray(['shop-net', 'shop-policy']),
  images: fc.subarray([...REGISTRY.keys()]),
  served: fc.constantFrom('nothing', 'some', 'stale'),
  memory: fc.uniqueArray(
    fc.constantFrom(...NAMES).chain((name) =>
      fc.record({
        name: fc.constant(name as string),
        stable: fc.option(someService(name, goodVersion), { nil: undefined }),
        canary: fc.option(someService(name, goodVersion), { nil: undefined }),
      }),
    ),
    { selector: ({ name }) => name, maxLength: 2 },
  ),
  applied: fc.boolean(),
});

/** Puts the loop into the state that `begin` describes. */
export function enter({ world, stack: spec, ...loop }: ModelLoop, begin: Start): StackMemory {
  world.images = new Map(begin.images.flatMap((name) => entry(world, name)));
  const networks = begin.networks.map((name) => ({ id: world.nextId(), name, driver: 'bridge', mine: true }));
  world.networks = [...world.networks, ...networks];
  for (const one of begin.found) place(world, spec, one);
  for (const one of begin.policies) placePolicy(world, spec, { ...one, policy: loop.policy });
  for (const one of begin.proxies) placeProxy(world, spec, one, begin.served);
  world.passes(300);
  return memoryOf(begin, world);
}

function entry(world: ModelWorld, name: string) {
  const image = world.registry.get(name);
  return image === undefined ? [] : [[name, image] as const];
}

function imageIn(world: ModelWorld, name: string) {
  const image = world.registry.get(name);
  if (image === undefined) throw new Error(`the registry has no ${name}`);
  return image;
}

/** Puts a container into the world unless its name is taken. */
function add(world: ModelWorld, container: ObservedContainer, state: ContainerState): void {
  if (world.find(container.name) !== undefined) return;
  world.containers = [...world.containers, container];
  if (state === 'running' || state === 'paused') world.run(container.id);
  if (state === 'exited' || state === 'dead') world.end(container.id, 137);
  world.change(container.id, { state });
}

function place(world: ModelWorld, spec: StackSpec, one: Found): void {
  const hash = specHash(one.spec.container);
  const goal: Goal = {
    spec: one.spec,
    specHash: hash,
    track: one.track,
    part: 'wanted',
    proven: false,
    question: 'deploy',
    cause: '',
  };
  const image = imageIn(world, one.spec.container.image);
  const container = made(serviceTemplate(spec, goal, one.replica, image), image, {
    id: world.nextId(),
    now: world.now,
  });
  add(world, odd(spec, container, one), one.state);
}

function odd(spec: StackSpec, container: ObservedContainer, one: Found): ObservedContainer {
  const { config } = container;
  switch (one.oddity) {
    case 'none':
      return container;
    case 'renamed':
      return { ...container, name: `somebody-renamed-${container.id.slice(0, 6)}` };
    case 'misnamed': {
      const [wanted] = spec.services;
      const place = { service: wanted?.name ?? '', track: 'stable' as const, replica: one.other };
      const hash = specHash((wanted ?? one.spec).container);
      return { ...container, name: serviceContainerName(spec.name, { ...place, specHash: hash }) };
    }
    case 'edited':
      return { ...container, config: { ...config, env: { ...config.env, EDITED: 'yes' } } };
    case 'limits':
      return { ...container, config: { ...config, memoryBytes: 1_000_000, restartPolicy: 'always' } };
    case 'connected': {
      const endpoint = { networkId: 'others', aliases: [], address: '' };
      return { ...container, networks: new Map([...container.networks, ['others', endpoint]]) };
    }
    case 'disconnected':
      return { ...container, networks: new Map() };
    case 'unlabelled': {
      const { id, name, role, state, createdAt, exitCode, oomKilled, restartCount, networks, ports } =
        container;
      const rest = { id, name, role, state, createdAt, exitCode, oomKilled, restartCount, networks, ports };
      return { ...rest, config: { ...config, labels: { 'swiftdeploy.stack': spec.name } } };
    }
  }
}

function placeProxy(
  world: ModelWorld,
  spec: StackSpec,
  { state, named }: Start['proxies'][number],
  served: Start['served'],
): void {
  const image = imageIn(world, spec.proxy.image);
  const template = proxyTemplate(spec);
  const id = world.nextId();
  const name = named ? proxyContainerName(spec.name) : `proxy-${id.slice(0, 6)}`;
  if (served !== 'nothing') world.proxy.write(id, servedModel(world, spec, served));
  add(world, { ...made(template, image, { id, now: world.now }), name }, state);
}

/** Routes to whatever containers there are, right or wrong; a version that never answers was never given a request. */
function servedModel(world: ModelWorld, spec: StackSpec, served: Start['served']): ProxyModel {
  const routes = spec.services.flatMap(({ name, route }) => {
    if (route === undefined) return [];
    const servers = world.containers
      .filter(({ service: of, version = '' }) => of === name && !BAD.some((bad) => bad === version))
      .map(({ id }) => ({ address: serverAddress(id), port: 3000 }))
      .sort((a, b) => (a.address < b.address ? -1 : 1));
    const path = served === 'stale' ? '/old' : route.path;
    const tracks = servers.length === 0 ? [] : [{ track: 'stable' as const, weight: 100, servers }];
    return [{ service: name, path, tracks }];
  });
  return {
    stack: spec.name,
    contact: spec.contact,
    timeoutSeconds: spec.proxy.timeoutSeconds,
    drainSeconds: 2,
    keepaliveMinTimeout: true,
    resolvesUpstreams: true,
    routes,
  };
}

function placePolicy(
  world: ModelWorld,
  spec: StackSpec,
  { state, current, loaded, policy }: Start['policies'][number] & { policy: typeof POLICY },
): void {
  const image = imageIn(world, spec.policyEngine.image);
  const runtime = current ? policy : { ...policy, digest: 'e'.repeat(64) };
  const id = world.nextId();
  if (loaded || state !== 'created') world.loaded.add(id);
  add(world, made(policyTemplate(spec, runtime, image), image, { id, now: world.now }), state);
}

function memoryOf({ memory, applied }: Start, world: ModelWorld): StackMemory {
  const services = memory.map(({ name, stable, canary }): [string, ServiceMemory] => [
    name,
    { ...(stable === undefined ? {} : { stable }), ...(canary === undefined ? {} : { canary }) },
  ]);
  return {
    services: Object.fromEntries(services),
    applied: applied ? world.containers.map(({ name }) => name) : [],
  };
}

/** What somebody does to a stack while it runs; `which` picks among what is there. */
export type Deed =
  | {
      readonly do: 'kill' | 'remove' | 'pause' | 'rename' | 'hang' | 'disconnect' | 'limit';
      readonly which: number;
    }
  | {
      readonly do:
        | 'editPolicies'
        | 'editProxy'
        | 'forgetFile'
        | 'cutNetwork'
        | 'prune'
        | 'forget'
        | 'die'
        | 'move'
        | 'nothing';
      readonly which: number;
    };

export const deed: fc.Arbitrary<Deed> = fc.record({
  do: fc.constantFrom(
    'kill',
    'remove',
    'pause',
    'rename',
    'hang',
    'disconnect',
    'limit',
    'editPolicies',
    'editProxy',
    'forgetFile',
    'cutNetwork',
    'prune',
    'forget',
    'die',
    'move',
    'nothing',
  ),
  which: fc.nat({ max: 20 }),
});

export function doDeed(loop: ModelLoop, { do: what, which }: Deed): void {
  const { world } = loop;
  const target = world.containers[which % Math.max(1, world.containers.length)];
  const proxy = world.containers.find(({ role }) => role === 'proxy');
  if (what === 'forget') loop.memory = { services: {}, applied: [] };
  if (what === 'die') loop.tick(which % 4);
  if (what === 'editPolicies') loop.policy = policyOf(which);
  if (what === 'editProxy' && proxy !== undefined) world.proxy.edit(proxy.id);
  if (what === 'forgetFile' && proxy !== undefined) world.proxy.replaceFile(proxy.id, undefined);
  if (what === 'cutNetwork') world.cut(which % 2 === 0 ? 'shop-net' : 'shop-policy');
  if (what === 'prune') prune(world);
  if (what === 'move')
    world.images.set('app:1', { ...imageIn(world, 'app:1'), id: `sha256:moved${String(which)}` });
  if (target === undefined) return;
  if (what === 'kill') world.end(target.id, 137);
  if (what === 'remove') world.remove(target.id);
  if (what === 'pause' && target.state === 'running') world.change(target.id, { state: 'paused' });
  if (what === 'rename')
    world.change(target.id, { name: `renamed-${String(which)}-${target.id.slice(0, 6)}` });
  if (what === 'hang') world.hang(target.id);
  if (what === 'disconnect') world.change(target.id, { networks: new Map() });
  if (what === 'limit') world.change(target.id, { config: { ...target.config, memoryBytes: 5_000_000 } });
}

/** Another set than the one that a loop begins with. */
export function policyOf(which: number): typeof POLICY {
  const digit = (which % 3).toString();
  return { revision: digit.repeat(64), digest: digit.repeat(64), command: ['run', '--server'] };
}

/** The engine was stopped for a while, and somebody tidied up: networks that nobody uses are made anew. */
function prune(world: ModelWorld): void {
  for (const { id } of world.containers) world.end(id);
  world.networks = world.networks.map((network) => ({ ...network, id: world.nextId() }));
}
