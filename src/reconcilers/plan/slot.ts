/**
 * One place for one container: which container fills it, whether it is right, and the chain of steps that makes it so.
 * The rules stand in one ordered table, first match wins; a container that no rule matches is as it should be.
 */
import type { ObservedContainer } from '../observed/world.js';
import type { ContainerTemplate } from './container-template.js';
import { differences } from './differences.js';
import {
  create,
  disconnect,
  exitWords,
  isOnLostNetwork,
  reconnect,
  remove,
  renameBack,
  replaceIt,
  restart,
  start,
  step,
  strangeNetworks,
  update,
  type Facts,
  type SlotInput,
} from './slot-steps.js';
import type { Chain } from './steps.js';

export interface SlotPlan {
  readonly template: ContainerTemplate;
  readonly container?: ObservedContainer;
  /** Up, and as applied. */
  readonly running: boolean;
  readonly chain: Chain;
  /** It waits until then; epoch milliseconds. */
  readonly waitUntil?: number;
}

interface Rule {
  readonly when: (facts: Facts) => boolean;
  readonly steps: (facts: Facts) => Chain;
  /** It answers as before while this is put right. */
  readonly serves?: true;
}

/** Ordered; each line is the sentence that history shows. */
const RULES: readonly Rule[] = [
  { when: is('removing', 'dead'), steps: (f) => [remove(f, 'it is half removed'), ...create(f, 'removed')] },
  { when: (f) => f.unlike.some((difference) => difference.heal === 'recreate'), steps: replaceIt },
  { when: (f) => f.container.name !== f.template.name, steps: renameBack, serves: true },
  { when: (f) => !f.container.networks.has(f.template.network), steps: reconnect },
  { when: isOnLostNetwork, steps: reconnect },
  { when: (f) => strangeNetworks(f).length > 0, steps: disconnect, serves: true },
  {
    when: is('paused'),
    steps: (f) => [step(f, 'unpauseContainer', 'it is paused', 'paused', { id: f.container.id })],
  },
  { when: is('created'), steps: (f) => [...f.beforeStart, start(f, f.cause)] },
  { when: is('exited'), steps: (f) => [...f.beforeStart, start(f, exitWords(f.container), 'stopped')] },
  { when: (f) => f.unlike.length > 0, steps: update, serves: true },
  { when: (f) => f.unhealthy !== undefined, steps: restart },
];

const STARTS: readonly string[] = ['created', 'exited', 'running'];

export function planSlot(input: SlotInput): SlotPlan {
  const container = choose(input);
  if (container === undefined) return planEmpty(input);
  const facts: Facts = { ...input, container, unlike: differences(input.template, container, input.image) };
  const rule = RULES.find(({ when }) => when(facts));
  const plan: SlotPlan = {
    template: input.template,
    container,
    running: container.state === 'running' && (rule === undefined || rule.serves === true),
    chain: rule?.steps(facts) ?? [],
  };
  const starts = plan.chain.some(({ kind }) => kind === 'startContainer' || kind === 'restartContainer');
  return starts && STARTS.includes(container.state) ? waitOr(input, plan) : plan;
}

function planEmpty(input: SlotInput): SlotPlan {
  const plan = { template: input.template, running: false, chain: create(input, 'removed') };
  return input.isRefused === true ? waitOr(input, plan) : plan;
}

/** What was tried too often waits for its turn. */
function waitOr({ notBefore, now }: SlotInput, plan: SlotPlan): SlotPlan {
  return notBefore > now ? { ...plan, chain: [], waitUntil: notBefore } : plan;
}

/** The best of those that claim the place: as applied before unlike, rightly named before renamed, running before stopped. */
function choose(input: SlotInput): ObservedContainer | undefined {
  const rank = (container: ObservedContainer): string => {
    const unlike = differences(input.template, container, input.image).some(
      ({ heal }) => heal === 'recreate',
    );
    const renamed = container.name !== input.template.name;
    const stopped = container.state !== 'running';
    return (
      [unlike, renamed, stopped].map(Number).join('') +
      String(container.createdAt).padStart(16, '0') +
      container.id
    );
  };
  return [...input.candidates].sort((a, b) => (rank(a) < rank(b) ? -1 : 1))[0];
}

function is(...states: readonly ObservedContainer['state'][]): (facts: Facts) => boolean {
  return ({ container }) => states.includes(container.state);
}
