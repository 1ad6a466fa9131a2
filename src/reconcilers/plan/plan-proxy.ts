/** The proxy: its container, its configuration but for where traffic goes, and what is tested ahead of time. */
import type { ServiceSpec, StackSpec } from '../desired/stack-spec.js';
import type { ObservedProxy } from '../observed/world.js';
import { isEdited } from './differences.js';
import { networkNow, type Finding, type PlanInput } from './plan-input.js';
import { asOne, containerPart, partGate, silence, type PartPlan } from './plan-infrastructure.js';
import { editQuestion } from './proxy-edit.js';
import { modelBefore, withProxyBefore } from './proxy-before.js';
import { isAnswered, routeOf, type Place, type ProxyModel, type RouteModel } from './proxy-model.js';
import { servedRoute, type RouteDecision } from './route.js';
import { same, samePlace, sameRoute } from './same.js';
import { planSlot } from './slot.js';
import type { Step, StepGate } from './steps.js';
import { proxyTemplate } from './templates.js';

export interface Routing {
  readonly decisions: readonly RouteDecision[];
  /** Where each service answers now; absent for nowhere. */
  readonly places: ReadonlyMap<string, Place>;
}

/** Never replaced for a configuration; an image or a published port, though, is what a container is made of. */
export function planProxy(input: PlanInput, routing: Routing): PartPlan {
  const { world } = input;
  const stack = withProxyBefore(input);
  const image = world.images.get(stack.proxy.image);
  if (image === undefined) return { chains: [], findings: [] };
  const template = proxyTemplate(stack);
  const wanted = modelBefore(input, proxyModel(input, routing));
  const candidates = world.containers.filter(({ role }) => role === 'proxy');
  const edited = candidates.some((proxy) => proxy.name === template.name && isEdited(template, proxy));
  const asBefore = partGate(input, containerPart(template));
  const isReplaced = edited || routing.decisions.some((decision) => bringsVersion(input, decision));
  const gate = isReplaced ? ({ ...asBefore, question: 'replace' } as const) : asBefore;
  const configure = { kind: 'configureProxy', target: template.name, model: wanted, gate } as const;
  const slot = planSlot({
    template,
    image,
    candidates,
    others: world.containers.filter(({ role }) => role !== 'proxy'),
    network: networkNow(input, template.network),
    gate,
    cause: 'it is the only published port',
    applied: input.memory.applied.includes(template.name) && !edited,
    replace: 'stop-first',
    ...silence(
      input,
      world.proxy.silentSince,
      candidates.find(({ id }) => id === world.proxy.containerId),
    ),
    notBefore: input.notBefore.get(template.name) ?? 0,
    now: input.now,
    beforeStart: [{ ...configure, cause: 'its configuration goes in before it starts' }],
  });
  const copies = candidates
    .filter(({ id }) => id !== slot.container?.id)
    .map((copy): Step => ({
      kind: 'removeContainer',
      target: copy.name,
      id: copy.id,
      cause: 'it is a second proxy',
      gate,
      drift: 'duplicate',
    }));
  const reconfigure = slot.running ? configuration(input, wanted, configure) : [];
  const running = slot.running && reconfigure.length === 0 ? slot.container : undefined;
  const stage =
    running === undefined
      ? []
      : stageExpected(input, wanted, { decisions: routing.decisions, target: running.name });
  return {
    chains: [...asOne([...copies, ...slot.chain, ...reconfigure]), ...asOne(stage)],
    findings: oldProxy(input),
    slot,
  };
}

/** A file that nobody edited is no drift. */
function whyNotOwn(file: ObservedProxy['file']): Pick<Step, 'cause' | 'drift'> {
  return file === 'outdated'
    ? { cause: 'its configuration is of another version of swiftdeploy, or of lost notes' }
    : { cause: 'its configuration was edited inside the container', drift: 'proxy-config' };
}

function configuration(
  input: PlanInput,
  wanted: ProxyModel,
  step: Omit<Extract<Step, { kind: 'configureProxy' }>, 'cause'> & { readonly gate: StepGate },
): Step[] {
  const { proxy } = input.world;
  if (proxy.file !== 'own') return [{ ...step, ...whyNotOwn(proxy.file) }];
  if (proxy.model === undefined) {
    const lost = input.memory.applied.includes(step.target) ? ({ drift: 'proxy-config' } as const) : {};
    return [{ ...step, cause: 'it has no configuration of ours', ...lost }];
  }
  if (!same(wanted, proxy.model)) {
    const question = editQuestion(input, { wanted, served: proxy.model }) ?? step.gate.question;
    return [{ ...step, gate: { ...step.gate, question }, cause: 'what the proxy should do changed' }];
  }
  return proxy.confirmed || proxy.silentSince !== undefined
    ? []
    : [{ ...step, cause: 'what its file says is not served yet' }];
}

/** Routes keep their tracks, which only `shiftTraffic` moves; a proxy that lost them gets what should serve now. */
function proxyModel(input: PlanInput, { decisions, places }: Routing): ProxyModel {
  const { stack, world } = input;
  const version = world.images.get(stack.proxy.image)?.env.NGINX_VERSION ?? world.proxy.version;
  const sharesOf = ({ name }: ServiceSpec) => {
    const next = decisions.find((decision) => decision.next.service === name)?.next;
    const served = servedRoute(input, name);
    const isLost = world.proxy.model === undefined;
    if (next === undefined || isLost || takesPlace(input, next)) return next;
    return served;
  };
  return proxyModelOf(stack, version, { sharesOf, placeOf: ({ name }) => places.get(name) });
}

/** It comes from another place, or to one where somebody else answers: nobody is to meet a place without anybody. */
function takesPlace(input: PlanInput, next: RouteModel): boolean {
  const served = input.world.proxy.model?.routes ?? [];
  const concernsIt = (route: RouteModel) => (route.service === next.service) !== samePlace(route, next);
  return isAnswered(next) && served.some(concernsIt);
}

/** A version that never served gets its first requests with the place. */
function bringsVersion(input: PlanInput, { next, serving }: RouteDecision): boolean {
  return serving?.goal.proven === false && takesPlace(input, next);
}

export interface RoutesOf {
  /** Where a service's requests go; absent for nowhere. */
  readonly sharesOf: (service: ServiceSpec) => Pick<RouteModel, 'tracks' | 'split'> | undefined;
  /** Where the manifest has it, unless told otherwise. */
  readonly placeOf?: (service: ServiceSpec) => Place | undefined;
}

/** `version`: nginx's own. */
export function proxyModelOf(
  stack: StackSpec,
  version: string | undefined,
  { sharesOf, placeOf = ({ route }) => route }: RoutesOf,
): ProxyModel {
  return {
    stack: stack.name,
    contact: stack.contact,
    timeoutSeconds: stack.proxy.timeoutSeconds,
    // To nginx, 0 is for ever.
    drainSeconds: Math.max(1, ...stack.services.map(({ drainMs }) => Math.ceil(drainMs / 1000))),
    keepaliveMinTimeout: isAtLeast(version, [1, 27, 4]),
    resolvesUpstreams: isAtLeast(version, [1, 27, 3]),
    routes: stack.services.flatMap((service) => {
      const place = placeOf(service);
      return place === undefined ? [] : [routeOf(service.name, place, sharesOf(service))];
    }),
  };
}

/** An unknown version is taken for an old one until the proxy has said otherwise. */
function isAtLeast(version: string | undefined, minimum: readonly number[]): boolean {
  const parts = (version ?? '0').split('.').map((part) => Number.parseInt(part, 10) || 0);
  const first = minimum.findIndex((part, index) => (parts[index] ?? 0) !== part);
  return first < 0 || (parts[first] ?? 0) > (minimum[first] ?? 0);
}

/** `nginx -t` takes a while: what will be wanted when the starting replicas answer is tested meanwhile. */
function stageExpected(
  input: PlanInput,
  wanted: ProxyModel,
  { decisions, target }: { readonly decisions: readonly RouteDecision[]; readonly target: string },
): Step[] {
  const routes = wanted.routes.map(
    (route) => decisions.find(({ expected }) => expected.service === route.service)?.expected ?? route,
  );
  const model = { ...wanted, routes };
  const { proxy } = input.world;
  const shifting = decisions.some(({ next }) => !sameRoute(next, servedRoute(input, next.service)));
  if (shifting || same(model, proxy.model) || same(model, proxy.staged)) return [];
  return [
    {
      kind: 'stageProxy',
      target,
      model,
      cause: 'the next routes are tested while their replicas start',
    },
  ];
}

function oldProxy(input: PlanInput): Finding[] {
  const { proxy } = input.world;
  if (proxy.version === undefined || isAtLeast(proxy.version, [1, 27, 4])) return [];
  const message = `nginx ${proxy.version} has no keepalive_min_timeout (1.27.4): idle keep-alive connections are cut at each configuration change`;
  return [{ kind: 'proxy', target: input.stack.proxy.image, message }];
}
