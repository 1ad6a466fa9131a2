/** How a canary stands, for a tired person: its step, its time, the last verdict, and both tracks side by side. Pure. */
import type { JudgedTrack, RolloutStatus } from '../../reconcilers/report/rollout-status.js';
import { durationWords } from '../audit/words.js';
import type { Paint } from '../basics/talk.js';
import { wrapped } from '../explain/wrapped.js';
import type { ServiceStatus } from './status-document.js';

export interface RolloutView {
  /** Columns that a line may take. */
  readonly width: number;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly paint: Paint;
}

const INDENT = 2;
const LABEL_WIDTH = 10;
/** What stands before the text of a line: `  verdict   `. */
const TEXT_COLUMN = INDENT + LABEL_WIDTH;
const GAP = 2;

/** Lines with a title per canary. */
export function rolloutSections(services: readonly ServiceStatus[], view: RolloutView): string[][] {
  return services
    .filter(({ rollout }) => rollout !== undefined)
    .map((service) => [view.paint('dim', `ROLLOUT ${service.name}`), ...rolloutLines(service, view)]);
}

/** Nothing for a service without a canary. */
export function rolloutLines(service: ServiceStatus, view: RolloutView): string[] {
  const { rollout } = service;
  if (rollout === undefined) return [];
  const facts: readonly (readonly [label: string, text: string])[] = [
    ['step', stepWords(rollout)],
    ['held', heldWords(rollout, view.now)],
    ...verdictFact(rollout),
  ];
  return [
    ...facts.flatMap(([label, text]) => labelled(label, text, view)),
    ...trackLines(service, rollout, view),
  ].map((line) => line.trimEnd());
}

function stepWords({ step, steps, weight }: RolloutStatus): string {
  return `${String(step)} of ${String(steps)}, ${String(weight)} % of the requests`;
}

/** For how long, of how long, and what it waits for. */
function heldWords({ since, holdSeconds, paused, step, steps }: RolloutStatus, now: number): string {
  if (since === undefined) return 'not yet: its share is not served yet';
  const held = Math.max(0, now - Date.parse(since));
  const forTime = lengthWords(held);
  if (paused) return `${forTime}; it waits for a person: swiftdeploy rollout resume`;
  if (step >= steps) return `${forTime}; the last step: swiftdeploy promote stable promotes it`;
  const hold = (holdSeconds ?? 0) * 1000;
  const ofTime = `${forTime} of ${lengthWords(hold)}`;
  if (held < hold) return `${ofTime}, ${lengthWords(hold - held)} left`;
  return `${ofTime}; the next step comes when the policies say advance`;
}

/** `10 min`, `4 min 10 s`; whole seconds: nobody reads tenths of a hold. */
function lengthWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${String(seconds)} s` : durationWords(seconds * 1000).replace(/ 0 \w+$/, '');
}

function verdictFact({ verdict, message }: RolloutStatus): readonly (readonly [string, string])[] {
  if (verdict === undefined) return [['verdict', 'none yet: the canary was not judged']];
  return [['verdict', message === undefined ? verdict : `${verdict}: ${message}`]];
}

function labelled(label: string, text: string, { width, paint }: RolloutView): string[] {
  const lines = wrapped(text, { width, indent: TEXT_COLUMN }).split('\n');
  const head = ' '.repeat(INDENT) + paint('dim', label.padEnd(LABEL_WIDTH));
  return lines.map((line, index) => (index === 0 ? head + coloured(line.trimStart(), paint) : line));
}

const COLOURS = { advance: 'green', hold: 'yellow', inconclusive: 'yellow', rollback: 'red' } as const;

/** The verdict's own word, where the line begins with it. */
function coloured(line: string, paint: Paint): string {
  const word = /^\w+(?=:)/.exec(line)?.[0];
  if (word === undefined || !Object.hasOwn(COLOURS, word)) return line;
  return paint(COLOURS[word as keyof typeof COLOURS], word) + line.slice(word.length);
}

interface Column {
  readonly title: string;
  readonly track: JudgedTrack;
}

/** A column per track; below each other where they do not fit. */
function trackLines(service: ServiceStatus, rollout: RolloutStatus, view: RolloutView): string[] {
  const { canary, stable } = rollout;
  if (canary === undefined) return [];
  const columns = [
    { title: titleOf(service, 'canary'), track: canary },
    ...(stable === undefined ? [] : [{ title: titleOf(service, 'stable'), track: stable }]),
  ];
  const cells = columns.map(cellsOf);
  const widths = cells.map((column) => Math.max(...column.map((cell) => cell.length)));
  const wide = TEXT_COLUMN + widths.reduce((sum, one) => sum + one + GAP, -GAP);
  const shown =
    wide <= view.width
      ? sideBySide(cells, widths, view)
      : cells.flatMap((column, index) => sideBySide([column], [widths[index] ?? 0], view));
  const note = wrapped(NOTE, { width: view.width, indent: TEXT_COLUMN });
  return [...shown, ...note.split('\n').map((line) => view.paint('dim', line))];
}

const NOTE = 'in brackets: what the true percentage may be, 95 % sure';
const LABELS = ['', 'requests', 'errors', 'slow'];

function sideBySide(
  columns: readonly (readonly string[])[],
  widths: readonly number[],
  { paint }: RolloutView,
): string[] {
  return LABELS.map((label, row) => {
    const text = columns
      .map((cells, column) => (cells[row] ?? '').padEnd(widths[column] ?? 0))
      .join(' '.repeat(GAP));
    return `${' '.repeat(INDENT)}${paint('dim', label.padEnd(LABEL_WIDTH))}${row === 0 ? paint('dim', text) : text}`;
  });
}

function titleOf({ tracks }: ServiceStatus, name: string): string {
  const version = tracks.find(({ track }) => track === name)?.version;
  return version === undefined ? name : `${name} ${version}`;
}

/** In the order of `LABELS`. */
function cellsOf({ title, track }: Column): readonly string[] {
  const { requests, errors, slow } = track;
  return [
    title,
    String(requests),
    countWords(errors, track.errorRatePercent, track.errorIntervalPercent),
    countWords(slow, track.slowPercent, track.slowIntervalPercent),
  ];
}

/** `3 = 0.24 % (0.03–0.91)`: in brackets where the true share is, at 95 %. */
function countWords(
  count: number,
  percent: number | undefined,
  interval: readonly [number, number] | undefined,
): string {
  if (percent === undefined) return String(count);
  const range = interval === undefined ? '' : ` (${interval.map((end) => end.toFixed(2)).join('–')})`;
  return `${String(count)} = ${percent.toFixed(2)} %${range}`;
}
