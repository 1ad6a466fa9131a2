/** `pause` and `resume` as edits of `canary.steps`: one word, or one new item in the style of the list. Pure. */
import { isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import type { CanaryStep, ServiceSpec, StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { isLast, stepsOf } from '../../reconcilers/plan/rollout.js';
import { rolloutWords } from '../../reconcilers/report/canary-conditions.js';
import { shareWords, type Standing } from '../../reconcilers/report/served-share.js';
import { keyOf, serviceMap, textOf, type TextEdit } from '../promote/manifest-text.js';
import { editWith, refused, type RolloutEdit } from './rollout-edit.js';
import { insertPause } from './insert-pause.js';

const PAUSE: CanaryStep = { kind: 'pause' };

/** The pause at which the rollout waits is one no more. */
export function resumeEdit(bytes: Buffer, stack: StackSpec, standing: Standing): RolloutEdit {
  const { spec, rollout } = standing;
  if (!rollout.paused) return refused(notPaused(standing));
  const items = stepItems(textOf(bytes), spec);
  const word = items && pauseWord(items.live[rollout.step]);
  if (word === undefined) return refused(elsewhere(spec));
  const steps = stepsOf(spec).toSpliced(rollout.step, 1);
  return editWith(bytes, stack, {
    edits: [{ ...word, by: 'false' }],
    wanted: withSteps(spec, steps),
    words: `the pause at ${shareWords(standing)} is over`,
  });
}

function notPaused(standing: Standing): string {
  const { spec, rollout } = standing;
  const here = `${spec.name} is not paused: it is at ${rolloutWords(standing)}`;
  const next = stepsOf(spec).findIndex(({ kind }, index) => index > rollout.step && kind === 'pause');
  return next === -1
    ? `${here}, and no pause follows`
    : `${here}; resume ends a pause once it is reached, and to go past the next one, step ${String(next + 1)}, write pause: false there`;
}

/** It stays at its share when that was held: at a pause that had been ended, or at a new one. */
export function pauseEdit(bytes: Buffer, stack: StackSpec, standing: Standing): RolloutEdit {
  const { spec, rollout } = standing;
  const { name } = spec;
  const share = shareWords(standing);
  const steps = stepsOf(spec);
  if (rollout.paused) return refused(`${name} is paused already, at ${share}`);
  if (isLast(rollout, spec))
    return refused(`${name} is at its last step, ${share}, and goes no further by itself`);
  if (steps[rollout.step + 1]?.kind === 'pause')
    return refused(`${name} will wait at ${share} anyway: a pause follows`);
  const text = textOf(bytes);
  const items = stepItems(text, spec);
  const edit = items && pauseAfter(text, items, rollout.step);
  if (edit === undefined) return refused(elsewhere(spec));
  return editWith(bytes, stack, {
    edits: [edit],
    wanted: withSteps(spec, steps.toSpliced(rollout.step + 1, 0, PAUSE)),
    words: `a pause after step ${String(rollout.step + 1)}, ${share}`,
  });
}

function elsewhere({ name }: ServiceSpec): string {
  return `the steps of ${name} are written in a way that cannot be edited here (an alias, an anchor?): edit canary.steps by hand`;
}

function withSteps(spec: ServiceSpec, steps: readonly CanaryStep[]): ServiceSpec {
  return spec.canary === undefined ? spec : { ...spec, canary: { ...spec.canary, steps } };
}

interface StepItems {
  readonly list: YAMLSeq;
  readonly all: readonly YAMLMap[];
  /** Those that are steps: a pause that was ended is none. */
  readonly live: readonly YAMLMap[];
}

/** Undefined where the text does not show them all. */
function stepItems(text: string, spec: ServiceSpec): StepItems | undefined {
  const list = valueOf(valueOf(serviceMap(text, spec.name), 'canary'), 'steps');
  if (!isSeq(list)) return undefined;
  const all = list.items.filter((item) => isMap(item));
  const live = all.filter((item) => keys(item).includes('weight') || isPause(item, true));
  const isWhole = all.length === list.items.length && live.length === spec.canary?.steps.length;
  return isWhole ? { list, all, live } : undefined;
}

function pauseAfter(text: string, { list, all, live }: StepItems, step: number): TextEdit | undefined {
  const item = live[step];
  if (item === undefined) return undefined;
  const next = all[all.indexOf(item) + 1];
  if (next === undefined || !isPause(next, false)) return insertPause(text, list, item);
  const word = pauseWord(next);
  return word === undefined ? undefined : { ...word, by: 'true' };
}

function valueOf(map: unknown, key: string): unknown {
  return isMap(map) ? map.items.find((pair) => keyOf(pair) === key)?.value : undefined;
}

function keys(map: YAMLMap): readonly unknown[] {
  return map.items.map(keyOf);
}

function isPause(map: YAMLMap, value: boolean): boolean {
  const pause = valueOf(map, 'pause');
  return isScalar(pause) && pause.value === value;
}

/** Where the word is written; undefined for an alias. */
function pauseWord(map: YAMLMap | undefined): Pick<TextEdit, 'start' | 'end'> | undefined {
  const pause = valueOf(map, 'pause');
  const range = isScalar(pause) ? (pause as Node).range : undefined;
  return range === undefined || range === null ? undefined : { start: range[0], end: range[1] };
}
