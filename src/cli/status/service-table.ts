/** Services and their tracks as rows of cells, numbers to the right; the page and the live view print the same. Pure. */
import { stripVTControlCharacters } from 'node:util';
import type { Paint } from '../basics/talk.js';
import type { ServiceStatus, TrackStatus } from './status-document.js';
import { latencyWords, percentWords, rateWords } from './traffic-words.js';

export const SERVICE_HEAD = [
  'SERVICE',
  'TRACK',
  'VERSION',
  'WEIGHT',
  'READY',
  'REQ/S',
  'ERRORS',
  'P99',
  'RESTARTS',
] as const;

const FIRST_NUMBER = SERVICE_HEAD.indexOf('WEIGHT');

/** The head and a row per track; the service's name stands on its first. */
export function serviceTable(
  services: readonly ServiceStatus[],
  paint: Paint,
): { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const rows = services.flatMap(({ name, tracks }) =>
    tracks.length === 0
      ? [emptyRow(name)]
      : tracks.map((track, index) => [index === 0 ? name : '', ...trackCells(track, paint)]),
  );
  const [head = [], ...body] = alignRight([[...SERVICE_HEAD], ...rows]);
  return { head, rows: body };
}

function emptyRow(name: string): string[] {
  return [name, ...SERVICE_HEAD.slice(1).map(() => '-')];
}

function trackCells({ track, version, weight, replicas, restarts, traffic }: TrackStatus, paint: Paint) {
  const ready = `${String(replicas.ready)}/${String(replicas.desired)}`;
  const errors = percentWords(traffic?.errorRatePercent);
  const restartText = String(restarts ?? 0);
  return [
    track,
    version,
    `${String(weight)} %`,
    replicas.ready < replicas.desired ? paint('red', ready) : ready,
    rateWords(traffic?.requestsPerSecond),
    (traffic?.errorRatePercent ?? 0) > 0 ? paint('yellow', errors) : errors,
    latencyWords(traffic?.p99LatencyMs),
    restarts === undefined || restarts === 0 ? restartText : paint('yellow', restartText),
  ];
}

function alignRight(rows: readonly (readonly string[])[]): string[][] {
  const widths = SERVICE_HEAD.map((_name, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row.map((cell, column) =>
      column < FIRST_NUMBER ? cell : ' '.repeat((widths[column] ?? 0) - widthOf(cell)) + cell,
    ),
  );
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
