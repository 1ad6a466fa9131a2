/** What is told of suspends: each once when it begins, once when it ends. Pure. */
import type { HistoryEventInput } from '../../controller/history/history-event.js';
import type { Suspend } from '../plan/suspension.js';
import { same } from '../plan/same.js';
import { grouped, type SuspendGroup } from './grouped.js';
import { isOver } from './suspend-file.js';

export interface SuspendChange {
  /** As they were told last. */
  readonly before: readonly Suspend[];
  readonly after: readonly Suspend[];
  /** Which person ended something last, `user@host`. */
  readonly endedBy: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

export function suspendEvents(change: SuspendChange): readonly HistoryEventInput[] {
  const { before, after, now } = change;
  const ended = before.filter((suspend) => !after.some((other) => isAboutTheSame(suspend, other)));
  const begun = after.filter((suspend) => !before.some((other) => same(suspend, other)));
  return [
    ...grouped(ended).map((group): HistoryEventInput => ({
      event: 'resumed',
      who: whoEnded(group, change),
      ...fieldsOf(group),
      duration_ms: Math.max(0, now - Date.parse(group.since)),
    })),
    ...grouped(begun).map((group): HistoryEventInput => ({
      event: 'suspended',
      who: group.who ?? 'manifest',
      ...fieldsOf(group),
    })),
  ];
}

function fieldsOf({ why, services, since, until }: SuspendGroup) {
  return {
    ...(why === undefined ? {} : { why }),
    ...(services === undefined ? {} : { services }),
    since,
    ...(until === undefined ? {} : { until }),
  };
}

/** Said again with other words, it goes on. */
function isAboutTheSame(left: Suspend, right: Suspend): boolean {
  return left.by === right.by && left.service === right.service;
}

function whoEnded(suspend: Pick<Suspend, 'by' | 'until'>, { endedBy, now }: SuspendChange): string {
  if (suspend.by === 'manifest') return 'manifest';
  return isOver(suspend, now) ? 'time' : endedBy;
}
