/** Values of the report as people read them. Pure. */
import type { Range, ScrapeRange } from './scrapes.js';

/** `2026-05-05T20:55:22Z`; what is no time is shown as it is. */
export function timeWords(timestamp: string): string {
  const at = Date.parse(timestamp);
  if (Number.isNaN(at)) return timestamp === '' ? 'no time' : timestamp;
  return `${new Date(at).toISOString().slice(0, -'.000Z'.length)}Z`;
}

/** One time, or a range of times with how many things are in it. */
export function rangeTimes({ from, to, count }: Pick<ScrapeRange, 'from' | 'to' | 'count'>): string {
  return count === 1 ? timeWords(from) : `${timeWords(from)} – ${timeWords(to)} (${String(count)}×)`;
}

const UNITS = [
  { ms: 86_400_000, name: 'd' },
  { ms: 3_600_000, name: 'h' },
  { ms: 60_000, name: 'min' },
  { ms: 1000, name: 's' },
];

/** `240 ms`, `2.4 s`, `3 min 5 s`, `1 d 4 h`. */
export function durationWords(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms < 1000) return `${ms.toFixed(0)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const index = UNITS.findIndex((unit) => ms >= unit.ms);
  return UNITS.slice(index, index + 2)
    .map(({ ms: size, name }, place) => {
      const rest = place === 0 ? ms : ms % (UNITS[index]?.ms ?? 1);
      return `${String(Math.floor(rest / size))} ${name}`;
    })
    .join(' ');
}

/** `62.50%`, or the lowest and the highest of a range. */
export function percentWords(range: Range | undefined): string {
  return spanWords(range, (value) => value.toFixed(2), '%');
}

export function millisecondWords(range: Range | undefined): string {
  return spanWords(range, (value) => String(Math.round(value)), ' ms');
}

function spanWords(range: Range | undefined, show: (value: number) => string, unit: string): string {
  if (range === undefined) return '–';
  const [lowest, highest] = [show(range.lowest), show(range.highest)];
  return lowest === highest ? `${lowest}${unit}` : `${lowest} – ${highest}${unit}`;
}

/** What equal scrapes saw, what failed first. */
export function rangeWords(range: ScrapeRange): string {
  const { service, mode, chaos, infrastructure, canary, errorRatePercent, p99Ms } = range;
  const who = [service, mode].filter((word) => word !== undefined).join(' ');
  const verdicts = Object.entries({ infrastructure, canary });
  const of = (verdict: string) =>
    verdicts.filter(([, said]) => said === verdict).map(([domain]) => `${domain} ${verdict}`);
  const parts = [
    ...of('FAIL'),
    ...(chaos === undefined || chaos === 'none' ? [] : [`chaos ${chaos}`]),
    ...(errorRatePercent === undefined ? [] : [`errors ${percentWords(errorRatePercent)}`]),
    ...(p99Ms === undefined ? [] : [`P99 ${millisecondWords(p99Ms)}`]),
    ...of('PASS'),
  ];
  return `metrics${who === '' ? '' : ` of ${who}`}: ${parts.length === 0 ? 'nothing to see' : parts.join(', ')}`;
}

/** `1 event`, `2 events`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}
