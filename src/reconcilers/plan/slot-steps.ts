/** What may have to be done for one place, each with the sentence that history shows. */
import type { ContainerEnd, ObservedContainer, ObservedImage } from '../observed/world.js';
import { fixedPorts, type ContainerTemplate } from './container-template.js';
import { recreateDrift, type Difference } from './differences.js';
import { setAsideName } from './names.js';
import type { NetworkNow } from './plan-input.js';
import type { Chain, DriftKind, Step, StepGate, StepOf } from './steps.js';

export interface SlotInput {
  readonly template: ContainerTemplate;
  readonly image: ObservedImage;
  /** Containers of this stack that claim to be this one. */
  readonly candidates: readonly ObservedContainer[];
  /** Other containers of this stack; one of them may have this one's name. */
  readonly others: readonly ObservedContainer[];
  /** The template's. */
  readonly network: NetworkNow;
  readonly gate: StepGate | undefined;
  /** Why it should be there at all. */
  readonly cause: string;
  /** It was there and right before: whatever is wrong now is drift. */
  readonly applied: boolean;
  /** `stop-first` for what owns a published port: two cannot stand side by side. */
  readonly replace: 'start-first' | 'stop-first';
  /** It answered before and does not any more. */
  readonly unhealthy?: string;
  /** Not to be started again before this time. */
  readonly notBefore: number;
  /** The engine would not create it the last time: nor is that tried again before this time. */
  readonly isRefused?: boolean;
  readonly now: number;
  /** What has to happen between create and start. */
  readonly beforeStart: readonly Step[];
  /** And before it is started anew because it answers no more. */
  readonly beforeRestart?: readonly Step[];
}

export interface Facts extends SlotInput {
  readonly container: ObservedContainer;
  readonly unlike: readonly Difference[];
}

type MaybeFilled = SlotInput & Partial<Pick<Facts, 'container'>>;

/** Its start is the next tick's: by then it is known by its id, and what depends on that goes on beside its start. */
export function create(input: MaybeFilled, drift: DriftKind): Chain {
  const cause = input.applied ? `${input.template.name} is gone` : input.cause;
  const mark = input.applied ? drift : undefined;
  const pull = input.template.pull === 'always' && !input.applied ? [pullFirst(input)] : [];
  return [
    ...pull,
    ...makeRoom(input),
    common(input, { kind: 'createContainer', template: input.template }, cause, mark),
  ];
}

/** The name that this place needs is another one's: an Engine that has the name would take the one for the other. */
function makeRoom(input: MaybeFilled): Step[] {
  const { template, others, container } = input;
  const holder = others.find(({ id, name }) => name === template.name && id !== container?.id);
  if (holder === undefined) return [];
  const to = setAsideName(template.name, holder.id);
  const bare = { kind: 'renameContainer', id: holder.id, to } as const;
  return [common(input, bare, `${template.name} is the name of another place`, undefined)];
}

function pullFirst(input: SlotInput): Step {
  const { gate, template } = input;
  return {
    kind: 'pullImage',
    target: template.image,
    image: template.image,
    cause: 'pull is always',
    ...(gate ? { gate } : {}),
  };
}

/** Nothing that serves is stopped before its successor stands, unless the two cannot stand side by side. */
export function replaceIt(facts: Facts): Chain {
  const why = facts.unlike
    .filter(({ heal }) => heal === 'recreate')
    .map(({ words }) => words)
    .join('; ');
  const kind = recreateDrift(facts.unlike) ?? 'changed';
  const asDrift = facts.applied ? kind : undefined;
  const { container, template } = facts;
  const successor = create({ ...facts, cause: why, applied: false }, kind).map(
    (made) => ({ ...made, ...(asDrift ? { drift: asDrift } : {}) }) as Step,
  );
  if (facts.replace === 'stop-first') return [makeWay(facts, why, asDrift), ...successor];
  const aside = setAsideName(template.name, container.id);
  const putAside =
    container.name === template.name
      ? [step(facts, 'renameContainer', why, kind, { id: container.id, to: aside })]
      : [];
  return [...putAside, ...successor];
}

export function renameBack(facts: Facts): Chain {
  const why = `it was renamed to ${facts.container.name}`;
  return [
    ...makeRoom(facts),
    step(facts, 'renameContainer', why, 'renamed', { id: facts.container.id, to: facts.template.name }),
  ];
}

/** A container remembers its network by id: one of the same name that was made anew is another, and it cannot start. */
export function isOnLostNetwork({ container, template, network: { id } }: Facts): boolean {
  const known = container.networks.get(template.network)?.networkId ?? '';
  return known !== '' && id !== undefined && known !== id;
}

/** A network that was never this stack's is another one in the manifest: nobody cut anything. */
export function reconnect(facts: Facts): Chain {
  const { container, template, network } = facts;
  const args = { id: container.id, network: template.network, aliases: template.aliases };
  const connect = { kind: 'connectNetwork', ...args } as const;
  if (!network.applied)
    return [common(facts, connect, `the manifest names network ${template.network}`, undefined)];
  const why = isOnLostNetwork(facts)
    ? `network ${template.network} was made anew`
    : `it is not on network ${template.network}`;
  return [step(facts, 'connectNetwork', why, 'disconnected', args)];
}

/** Who connects one of ours by hand lets others past the proxy, or to the policy engine. What does not run is let in nowhere. */
export function strangeNetworks({ container, network }: Facts): readonly string[] {
  if (container.state !== 'running' && container.state !== 'paused') return [];
  return [...container.networks.keys()].filter((name) => !network.own.has(name)).sort();
}

export function disconnect(facts: Facts): Chain {
  return strangeNetworks(facts).map((network) =>
    step(facts, 'disconnectNetwork', `it was connected to network ${network}`, 'connected', {
      id: facts.container.id,
      network,
    }),
  );
}

export function update(facts: Facts): Chain {
  const why = facts.unlike.map(({ words }) => words).join('; ');
  return [
    step(facts, 'updateContainer', why, 'resources', { id: facts.container.id, template: facts.template }),
  ];
}

export function restart(facts: Facts): Chain {
  const why = `it answers no more: ${facts.unhealthy ?? ''}`;
  const args = { id: facts.container.id, graceMs: RESTART_GRACE_MS };
  return [...(facts.beforeRestart ?? []), step(facts, 'restartContainer', why, 'unhealthy', args)];
}

const RESTART_GRACE_MS = 5000;

export function start(facts: Facts, why: string, drift?: DriftKind): Step {
  return common(
    facts,
    { kind: 'startContainer', again: facts.container.state === 'exited' },
    why,
    facts.applied ? drift : undefined,
  );
}

export function remove(facts: Facts, why: string, drift?: DriftKind): StepOf<'removeContainer'> {
  const removal = { kind: 'removeContainer', id: facts.container.id } as const;
  return common(facts, removal, why, drift) as StepOf<'removeContainer'>;
}

/** What serves does not go for a successor that could not start. */
function makeWay(facts: Facts, why: string, drift?: DriftKind): Step {
  const has = fixedPorts(facts.container.config);
  const needs = fixedPorts(facts.template).filter((port) => !has.includes(port));
  const removal = remove(facts, why, drift);
  return needs.length === 0 ? removal : { ...removal, needs };
}

type Bare = {
  [K in Step['kind']]: Omit<Extract<Step, { kind: K }>, 'target' | 'cause' | 'gate' | 'drift'>;
}[Step['kind']];

function common(input: SlotInput, bare: Bare, cause: string, drift: DriftKind | undefined): Step {
  const { gate, template } = input;
  return {
    ...bare,
    target: template.name,
    cause,
    ...(gate ? { gate } : {}),
    ...(drift ? { drift } : {}),
  } as Step;
}

export function step<K extends Step['kind']>(
  facts: Facts,
  kind: K,
  why: string,
  ...[drift, args]: [DriftKind, Omit<Extract<Bare, { kind: K }>, 'kind'>]
): Step {
  return common(facts, { kind, ...args } as unknown as Bare, why, facts.applied ? drift : undefined);
}

/** How a container ended, for a person. */
export function exitWords({ oomKilled, exitCode }: ContainerEnd): string {
  if (oomKilled) return 'it was killed for using more memory than it may (OOM)';
  return `it is stopped (exit code ${String(exitCode)})`;
}
