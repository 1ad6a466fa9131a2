/** `abort` as an edit: `mode: stable`, and every word of the service as the stable version has it. Pure. */
import { isMap, isScalar, parse, type Scalar } from 'yaml';
import type { ContainerSpec, ServiceSpec, StackSpec } from '../../reconcilers/desired/stack-spec.js';
import type { ServiceMemory } from '../../reconcilers/plan/memory.js';
import { envDigest } from '../plan/env-digest.js';
import { fieldChanges, type FieldChange } from '../plan/spec-diff.js';
import { serviceFields } from '../plan/spec-fields.js';
import { keyOf, serviceMap, textOf, type TextEdit } from '../promote/manifest-text.js';
import { editOf } from '../promote/promote-edit.js';
import { editWith, refused, type RolloutEdit } from './rollout-edit.js';

/** `memory`: of the service. */
export interface Aborted {
  readonly spec: ServiceSpec;
  readonly memory: ServiceMemory;
}

export function abortEdit(bytes: Buffer, stack: StackSpec, { spec, memory }: Aborted): RolloutEdit {
  const { stable } = memory;
  const why = whyNot(spec, memory);
  if (why !== undefined || stable === undefined) return refused(why ?? '');
  const wanted: ServiceSpec = { ...spec, mode: 'stable', container: stable.container };
  const digest = envDigest();
  const changes = fieldChanges(serviceFields(spec, digest), serviceFields(wanted, digest));
  if (changes.length === 0)
    return refused(`the manifest says already that ${spec.name} is as its stable version`);
  const text = textOf(bytes);
  const edits = changes.map((change) => ({ change, edit: editField(text, spec, { change, wanted }) }));
  const byHand = edits.flatMap(({ change: { field }, edit }) => (edit === undefined ? [field] : []));
  if (byHand.length > 0) return refused(handWords(wanted, byHand));
  return editWith(bytes, stack, {
    edits: edits.flatMap(({ edit }) => edit ?? []),
    wanted,
    words: changes.map(({ field, from, to }) => `${field} ${from ?? ''} → ${to ?? ''}`).join(', '),
  });
}

function whyNot({ name, mode }: ServiceSpec, { stable, canary, failed }: ServiceMemory): string | undefined {
  const hasCanary = mode === 'canary' || canary !== undefined || failed?.track === 'canary';
  if (!hasCanary) return `${name} has no canary: there is nothing to abort`;
  return stable === undefined
    ? `${name} has no stable version to go back to: its canary is all there is`
    : undefined;
}

function handWords({ name, container }: ServiceSpec, fields: readonly string[]): string {
  const listed = fields.join(', ');
  return `${name} differs from its stable version ${container.version} in what cannot be written back here: put ${listed} back by hand, as git revert does, and set mode: stable`;
}

interface Field {
  readonly change: FieldChange;
  readonly wanted: ServiceSpec;
}

/** Undefined where a person has to do it. */
function editField(text: string, spec: ServiceSpec, { change, wanted }: Field): TextEdit | undefined {
  if (change.field === 'mode') {
    const edit = editOf(text, { service: spec.name, mode: wanted.mode }, spec.mode);
    return typeof edit === 'string' ? undefined : edit;
  }
  const value = SCALARS[change.field]?.(wanted.container);
  const map = serviceMap(text, spec.name);
  const pair = isMap(map) ? map.items.find((item) => keyOf(item) === change.field) : undefined;
  if (value === undefined || !isScalar(pair?.value)) return undefined;
  return replaceScalar(pair.value as Scalar.Parsed, value);
}

/** Keys that are one word in the manifest, and what they say of a container. */
const SCALARS: Readonly<Record<string, (container: ContainerSpec) => string | number | boolean | undefined>> =
  {
    version: ({ version }) => version,
    image: ({ image }) => image,
    port: ({ port }) => port,
    restart_policy: ({ restartPolicy }) => restartPolicy,
    user: ({ security }) => security.user,
    read_only: ({ security }) => security.readOnly,
  };

/** In the quotes that stand there; a bare word gets some where it would mean something else. */
function replaceScalar(
  { range, type }: Scalar.Parsed,
  value: string | number | boolean,
): TextEdit | undefined {
  const [start, end] = range;
  const text = String(value);
  if (type === 'QUOTE_SINGLE') return { start, end, by: `'${text.replaceAll("'", "''")}'` };
  if (type === 'QUOTE_DOUBLE') return { start, end, by: JSON.stringify(text) };
  if (type !== 'PLAIN') return undefined;
  const isBare = /^[A-Za-z0-9](?:[\w./@:-]*\w)?$/.test(text) && parse(text) === value;
  return { start, end, by: isBare ? text : JSON.stringify(text) };
}
