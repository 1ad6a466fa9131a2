/** One service of the live view, closely: what is known of it, its canary's share, its figures over time. Pure. */
import { rolloutLines } from '../rollout-words.js';
import { failureLines } from '../status-page.js';
import type { ServiceStatus, TrackStatus } from '../status-document.js';
import { aboutService, latencyWords, percentWords, rateWords } from '../traffic-words.js';
import type { Section } from './fit.js';
import { selectedService, type LiveFacts } from './live-facts.js';
import { sampleKey, type Sample } from './samples.js';
import { sparkline } from './sparkline.js';
import { weightBar } from './weight-bar.js';

interface Figure {
  readonly label: string;
  readonly of: (sample: Sample) => number | undefined;
  readonly now: (track: TrackStatus) => string;
  /** The least that a full bar stands for. */
  readonly floor: number;
}

const FIGURES: readonly Figure[] = [
  {
    label: 'req/s',
    of: (sample) => sample.requestsPerSecond,
    now: ({ traffic }) => rateWords(traffic?.requestsPerSecond),
    floor: 0,
  },
  {
    label: 'errors',
    of: (sample) => sample.errorRatePercent,
    now: ({ traffic }) => percentWords(traffic?.errorRatePercent),
    floor: 1,
  },
  {
    label: 'P99',
    of: (sample) => sample.p99LatencyMs,
    now: ({ traffic }) => latencyWords(traffic?.p99LatencyMs),
    floor: 0,
  },
];

/** Its step, its time, the verdict, and how much more there is. */
const ROLLOUT_LINES = 4;
const LABEL_WIDTH = 9;
const VALUE_WIDTH = 9;
const GAP = 2;
const WIDEST_LINE = 60;
const WIDEST_BAR = 40;
/** What stands around a bar: `  stable  canary 100 %`. */
const BAR_WORDS = 23;

/** Who it is; how its canary stands, of which the first lines say most; its sparklines, which a low terminal leaves out whole. */
export function detailSections(facts: LiveFacts, rank: number): Section[] {
  const service = selectedService(facts);
  if (service === undefined) return [];
  const title = titleLines(service, facts);
  const rollout = rolloutLines(service, {
    ...facts,
    width: facts.size.columns,
    isFromGit: facts.look.status.source !== undefined,
  });
  const sparks = sparkLines(service, facts);
  return [
    { lines: title, least: title.length, rank },
    { lines: rollout, least: Math.min(ROLLOUT_LINES, rollout.length), rank: rank + 1, follows: true },
    { lines: sparks, least: sparks.length, rank: rank + 2, follows: true },
  ];
}

function titleLines(service: ServiceStatus, { now, paint, size }: LiveFacts): string[] {
  const width = Math.max(1, Math.min(WIDEST_BAR, size.columns - BAR_WORDS));
  const bar = weightBar(service.tracks, { width, paint });
  return [
    `${paint('bold', service.name)} · ${aboutService(service, now)}`,
    ...failureLines(service, { now, paint }),
    ...(bar === undefined ? [] : [`  ${bar}`]),
  ];
}

/** The tracks side by side, a figure per line. */
function sparkLines(service: ServiceStatus, facts: LiveFacts): string[] {
  const { tracks } = service;
  if (tracks.length === 0) return [];
  const cell = Math.floor((facts.size.columns - LABEL_WIDTH) / tracks.length) - GAP;
  const width = Math.max(1, Math.min(WIDEST_LINE, cell - VALUE_WIDTH));
  const heads = tracks.map(({ track, version }) => clip(`${track} ${version}`, width + VALUE_WIDTH));
  const rows = FIGURES.map((figure) =>
    row(
      figure.label,
      tracks.map((track) => figureCell(figure, track, { service, facts, width })),
    ),
  );
  return [facts.paint('dim', row('', heads)), ...rows];
}

function figureCell(
  { of, now, floor }: Figure,
  track: TrackStatus,
  { service, facts, width }: { service: ServiceStatus; facts: LiveFacts; width: number },
): string {
  const samples = facts.samples.get(sampleKey(service.name, track.track)) ?? [];
  const line = sparkline(samples.map(of), { width, floor });
  const colour = track.track === 'canary' ? 'yellow' : 'cyan';
  return `${facts.paint(colour, line)}${now(track).padStart(VALUE_WIDTH)}`;
}

function row(label: string, cells: readonly string[]): string {
  return `  ${label.padEnd(LABEL_WIDTH - 2)}${cells.join(' '.repeat(GAP))}`.trimEnd();
}

function clip(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
