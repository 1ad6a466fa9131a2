/** How a promotion ended: by its own service, where what failed, was denied or took too long is another's, or where the judge said no. Pure. */
import { specHash } from '../../reconcilers/desired/spec-hash.js';
import type { ServiceSpec } from '../../reconcilers/desired/stack-spec.js';
import { goalsOf, hasFailed, type Goal } from '../../reconcilers/plan/goals.js';
import type { ServiceMemory } from '../../reconcilers/plan/memory.js';
import type { StackState } from '../../reconcilers/stack-state.js';
import { EXIT } from '../basics/exit.js';
import type { StatusDocument } from '../status/status-document.js';
import type { End } from '../telling/reporter.js';

export interface OwnFacts {
  readonly service: string;
  readonly state: Pick<StackState, 'stack' | 'memory' | 'denials'>;
  readonly status: Pick<StatusDocument, 'services'>;
}

/** The same end where its own service is not where it should be, or where it is the only one; a canary that was rejected is denied. */
export function ownEnd(end: End, facts: OwnFacts): End {
  const { stack, memory } = facts.state;
  const spec = stack?.services.find(({ name }) => name === facts.service);
  const isBad = end.code === EXIT.failed || end.code === EXIT.denied;
  if (!isBad || end.unwritten !== undefined || spec === undefined) return end;
  if (isRejected(spec, memory.services[spec.name] ?? {})) return rejected(end);
  return stack?.services.length === 1 ? end : endWithoutOthers(end, spec, facts);
}

function isRejected(spec: ServiceSpec, memory: ServiceMemory): boolean {
  return hasFailed(spec, memory) && memory.failed?.reason === 'CanaryRejected';
}

/** The judge asks the policies: its no is one of theirs. Where time was up the rest of the stack is still on its way. */
function rejected(end: End): End {
  return end.timeoutMs === undefined ? { ...end, code: EXIT.denied, isRejected: true } : end;
}

function endWithoutOthers(end: End, spec: ServiceSpec, { service, state, status }: OwnFacts): End {
  const { memory, denials } = state;
  const goal = goalWhenThere(spec, memory.services[service] ?? {});
  const isDenied = Object.keys(denials).some((key) => key.startsWith(`${service}/`));
  if (goal === undefined || isDenied || !isUp(goal, service, status)) return end;
  const { conditions, url } = end;
  const own = `${service} ${spec.container.version} serves as ${spec.mode}`;
  return { code: EXIT.ok, conditions, ...(url === undefined ? {} : { url }), own };
}

/** Undefined while it is on its way, or failed. */
function goalWhenThere(spec: ServiceSpec, memory: ServiceMemory): Goal | undefined {
  if (hasFailed(spec, memory)) return undefined;
  const [wanted, ...others] = goalsOf(spec, memory);
  const isThere = wanted?.proven === true && wanted.specHash === specHash(spec.container);
  const isAlone = others.every(({ part }) => part === 'warm');
  return isThere && isAlone ? wanted : undefined;
}

function isUp(goal: Goal, service: string, { services }: OwnFacts['status']): boolean {
  const tracks = services.find(({ name }) => name === service)?.tracks ?? [];
  return tracks.some(
    ({ track, specHash: hash, replicas: { desired, ready } }) =>
      track === goal.track && hash === goal.specHash && ready >= desired,
  );
}
