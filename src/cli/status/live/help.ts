/** What the keys of the live view do, and how to read its figures. Pure. */
import type { LiveFacts } from './live-facts.js';

export function helpLines({ intervalMs, paint }: LiveFacts): string[] {
  return [
    paint('dim', 'KEYS'),
    '  ↓ j tab     the next service',
    '  ↑ k         the one before',
    '  ?           this help, and back',
    '  q           quit: exit code 0 when Ready, else 1',
    '  Ctrl-C      quit: exit code 130',
    '',
    paint('dim', 'FIGURES'),
    '  REQ/S, ERRORS and P99 are of the last seconds, as written beside the name; - is not known.',
    `  Sparklines have one bar per look (every ${String(intervalMs / 1000)} s), the newest on the right, since this view`,
    '  was opened. Each goes from 0 to the largest that it shows; errors at least to 1 %.',
    '  WEIGHT is the share of the traffic that a track gets, READY the replicas that answer.',
  ];
}
