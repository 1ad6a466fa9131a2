/** `pause` and `resume` as edits of `canary.steps`: one word, or one new item in the style of the list. Pure. */
import { isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import type { CanaryStep, ServiceSpec, StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { isLast, stepsOf } from '../../reconcilers/plan/rollout.js';
import { rolloutWords } from '../../reconcilers/report/canary-conditions.js';
import { openRaise, shareWords, type Standing } from '../../reconcilers/report/served-share.js';
import { keyOf, serviceMap, textOf, type TextEdit } from '../promote/manifest-text.js';
import { editWith, refused, type RolloutEdit } from './rollout-edit.js';
import { insertPause } from './insert-pause.js';

const PAUSE: CanaryStep = { kind: 'pause' };
const ENDED: CanaryStep = { kind: 'pause', ended: true };

/** The pause at which the rollout waits is one no more. */
export function resumeEdit(bytes: Buffer, stack: StackSpec, standing: Standing): RolloutEdit {
  const { spec, rollout } = standing;
  if (!rollout.paused) return refused(notPaused(standing));
  const { steps, place } = listed(standing);
  const edit = wordEdit(stepItems(textOf(bytes), spec)?.items[place], 'false');
  if (edit === undefined) return refused(elsewhere(spec));
  return editWith(bytes, stack, {
    edits: [edit],
    wanted: withSteps(spec, steps.with(place, ENDED)),
    words: `the pause at ${shareWords(standing)} is over`,
  });
}

function notPaused(standing: Standing): string {
  const { spec } = standing;
  const { steps, place } = listed(standing);
  const here = `${spec.name} is not paused: it is at ${rolloutWords(standing)}`;
  const next = steps.findIndex((step, index) => index > place && isOpenPause(step));
  return next === -1
    ? `${here}, and no pause follows`
    : `${here}; resume ends a pause once it is reached, and to go past the next one, step ${String(next + 1)}, write pause: false there`;
}

/** It stays at its share when that was held: at a pause that had been ended, or at a new one. */
export function pauseEdit(bytes: Buffer, stack: StackSpec, standing: Standing): RolloutEdit {
  const { spec, rollout } = standing;
  const { name } = spec;
  const share = shareWords(standing);
  if (rollout.paused) return refused(`${name} is paused already, at ${share}`);
  const raise = openRaise(standing);
  if (raise !== undefined)
    return refused(
      `${name} has ${share}, and its step gives it ${String(raise)} % when the policies say advance: to stay, write weight: ${String(rollout.weight)} there`,
    );
  if (isLast(rollout, spec))
    return refused(`${name} is at its last step, ${share}, and goes no further by itself`);
  if (stepsOf(spec)[rollout.step + 1]?.kind === 'pause')
    return refused(`${name} will wait at ${share} anyway: a pause follows`);
  const { steps, place } = listed(standing);
  const isThere = steps[place + 1]?.kind === 'pause';
  const text = textOf(bytes);
  const items = stepItems(text, spec);
  const edit = items && (isThere ? wordEdit(items.items[place + 1], 'true') : newPause(text, items, place));
  if (edit === undefined) return refused(elsewhere(spec));
  return editWith(bytes, stack, {
    edits: [edit],
    wanted: withSteps(spec, steps.toSpliced(place + 1, isThere ? 1 : 0, PAUSE)),
    words: `a pause after step ${String(place + 1)}, ${share}`,
  });
}

/** The steps as the manifest lists them, and where among them the rollout is. */
function listed({ spec, rollout }: Standing): {
  readonly steps: readonly CanaryStep[];
  readonly place: number;
} {
  const steps = spec.canary?.steps ?? [];
  const here = stepsOf(spec)[rollout.step];
  return { steps, place: here === undefined ? -1 : steps.indexOf(here) };
}

function isOpenPause(step: CanaryStep): boolean {
  return step.kind === 'pause' && step.ended !== true;
}

function elsewhere({ name }: ServiceSpec): string {
  return `the steps of ${name} are written in a way that cannot be edited here (an alias, an anchor?): edit canary.steps by hand`;
}

function withSteps(spec: ServiceSpec, steps: readonly CanaryStep[]): ServiceSpec {
  return spec.canary === undefined ? spec : { ...spec, canary: { ...spec.canary, steps } };
}

interface StepItems {
  readonly list: YAMLSeq;
  readonly items: readonly YAMLMap[];
}

/** Undefined where the text does not show them all. */
function stepItems(text: string, spec: ServiceSpec): StepItems | undefined {
  const list = valueOf(valueOf(serviceMap(text, spec.name), 'canary'), 'steps');
  if (!isSeq(list)) return undefined;
  const items = list.items.filter((item) => isMap(item));
  const isWhole = items.length === list.items.length && items.length === spec.canary?.steps.length;
  return isWhole ? { list, items } : undefined;
}

function newPause(text: string, { list, items }: StepItems, place: number): TextEdit | undefined {
  const item = items[place];
  return item && insertPause(text, list, item);
}

function valueOf(map: unknown, key: string): unknown {
  return isMap(map) ? map.items.find((pair) => keyOf(pair) === key)?.value : undefined;
}

function wordEdit(map: YAMLMap | undefined, by: 'true' | 'false'): TextEdit | undefined {
  const word = pauseWord(map);
  return word && { ...word, by };
}

/** Where the word is written; undefined for an alias. */
function pauseWord(map: YAMLMap | undefined): Pick<TextEdit, 'start' | 'end'> | undefined {
  const pause = valueOf(map, 'pause');
  const range = isScalar(pause) ? (pause as Node).range : undefined;
  return range === undefined || range === null ? undefined : { start: range[0], end: range[1] };
}
