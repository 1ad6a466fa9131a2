/** What a policy is told of the moment, by the controller's clock. Pure but for the time zone of the process. */

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

export interface TimeFact {
  /** ISO 8601, to the millisecond. */
  readonly utc: string;
  /** Of the day in UTC, as are hour and minute. */
  readonly weekday: (typeof WEEKDAYS)[number];
  /** 0 to 23. */
  readonly hour: number;
  /** 0 to 59. */
  readonly minute: number;
  /** Of the controller's own time zone at that moment: what to add to UTC, in minutes. */
  readonly offset_minutes: number;
}

/** Undefined for a clock that has no time to tell: unknown is absent. */
export function timeFact(now: Date): TimeFact | undefined {
  const weekday = WEEKDAYS[now.getUTCDay()];
  if (weekday === undefined) return undefined;
  return {
    utc: now.toISOString(),
    weekday,
    hour: now.getUTCHours(),
    minute: now.getUTCMinutes(),
    offset_minutes: 0 - now.getTimezoneOffset(),
  };
}
