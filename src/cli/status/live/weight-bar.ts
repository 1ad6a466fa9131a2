/** How a canary and its baseline share the traffic, as a bar. Pure. */
import type { Paint } from '../../basics/talk.js';
import type { TrackStatus } from '../status-document.js';

/** `stable ███████░░░ canary 25 %`; undefined where there is no canary. Who has traffic has a cell, however little it is. */
export function weightBar(
  tracks: readonly TrackStatus[],
  { width, paint }: { readonly width: number; readonly paint: Paint },
): string | undefined {
  const canary = tracks.find(({ track }) => track === 'canary');
  if (canary === undefined) return undefined;
  const { weight } = canary;
  const cells = within(
    Math.round((weight / 100) * width),
    weight > 0 ? 1 : 0,
    weight < 100 ? width - 1 : width,
  );
  return `stable ${paint('cyan', '█'.repeat(width - cells))}${paint('yellow', '░'.repeat(cells))} canary ${String(weight)} %`;
}

function within(value: number, lowest: number, highest: number): number {
  return Math.max(lowest, Math.min(highest, value));
}
