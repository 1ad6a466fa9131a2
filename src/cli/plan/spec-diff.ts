/** What the manifest says anew, against what serves now (the stack's notes) or, where there are none, against its containers. Pure. */
import type { ServiceSpec, StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { World } from '../../reconcilers/observed/world.js';
import type { StackState } from '../../reconcilers/stack-state.js';
import type { Digest } from './env-digest.js';
import { serviceFields, stackFields, type Fields } from './spec-fields.js';

export interface FieldChange {
  /** As the manifest calls it. */
  readonly field: string;
  /** Absent: it was not there. */
  readonly from?: string;
  /** Absent: it is not there any more. */
  readonly to?: string;
}

export interface ServiceChange {
  readonly name: string;
  /** `unknown`: it has containers, and what they were made of is noted nowhere. */
  readonly change: 'none' | 'added' | 'changed' | 'removed' | 'unknown';
  readonly fields: readonly FieldChange[];
}

interface Known {
  readonly state: Pick<StackState, 'memory' | 'stack'>;
  readonly world: Pick<World, 'containers'>;
  readonly digest: Digest;
}

/** The manifest's services in their order, then those that it has no more. */
export function serviceChanges(stack: StackSpec, known: Known): readonly ServiceChange[] {
  const wanted = stack.services.map(({ name }) => name);
  const present = known.world.containers.flatMap(({ role, service }) =>
    role === 'service' && service !== undefined ? [service] : [],
  );
  const gone = [...new Set(present)].filter((name) => !wanted.includes(name)).sort();
  return [
    ...stack.services.map((spec) => serviceChange(spec, known)),
    ...gone.map((name): ServiceChange => ({ name, change: 'removed', fields: [] })),
  ];
}

/** What belongs to no service; nothing before the first deploy. */
export function stackChanges(stack: StackSpec, { state }: Pick<Known, 'state'>): readonly FieldChange[] {
  return state.stack === undefined ? [] : fieldChanges(stackFields(state.stack), stackFields(stack));
}

function serviceChange(spec: ServiceSpec, { state, world, digest }: Known): ServiceChange {
  const { name } = spec;
  const { canary, stable } = state.memory.services[name] ?? {};
  const serves = canary ?? stable;
  if (serves !== undefined) {
    const fields = fieldChanges(serviceFields(serves, digest), serviceFields(spec, digest));
    return { name, change: fields.length === 0 ? 'none' : 'changed', fields };
  }
  const isThere = world.containers.some(({ role, service }) => role === 'service' && service === name);
  const fields = fieldChanges({}, serviceFields(spec, digest));
  return { name, change: isThere ? 'unknown' : 'added', fields: isThere ? [] : fields };
}

/** What turns `before` into `after`. */
export function fieldChanges(before: Fields, after: Fields): readonly FieldChange[] {
  const names = [...Object.keys(after), ...Object.keys(before).filter((name) => !(name in after))];
  return names
    .filter((name) => before[name] !== after[name])
    .map((field) => {
      const [from, to] = [before[field], after[field]];
      return { field, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    });
}
