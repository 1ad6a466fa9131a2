/** How long ago something was, as people say it. Pure. */

const UNITS = [
  { ms: 86_400_000, name: 'd' },
  { ms: 3_600_000, name: 'h' },
  { ms: 60_000, name: 'min' },
  { ms: 1000, name: 's' },
];

/** `5 s`, `3 min`, undefined for what is shorter or no time at all; `now` is epoch milliseconds. */
export function spanWords(timestamp: string, now: number): string | undefined {
  const ageMs = now - Date.parse(timestamp);
  const unit = UNITS.find(({ ms }) => ageMs >= ms);
  return unit === undefined ? undefined : `${String(Math.floor(ageMs / unit.ms))} ${unit.name}`;
}

/** `5 s ago`; what is no time is shown as it is. */
export function ageWords(timestamp: string, now: number): string {
  if (Number.isNaN(Date.parse(timestamp))) return timestamp;
  const span = spanWords(timestamp, now);
  return span === undefined ? 'just now' : `${span} ago`;
}
