/** An event as the report reads it, from our own history or from the published tool's: a name, a time, any other fields. Pure. */
import type { LooseEvent } from '../telling/loose-event.js';

export type AuditEvent = LooseEvent;

/** Longer texts are cut: the report is kept in memory, a history is not. */
const LONGEST_TEXT = 400;

/** The same event, with a name and a time that can be kept. */
export function bounded(event: AuditEvent): AuditEvent {
  if (event.event.length <= LONGEST_TEXT && event.timestamp.length <= LONGEST_TEXT) return event;
  return { ...event, event: short(event.event), timestamp: short(event.timestamp) };
}

/** A text or a number, as a text of bounded length; undefined for everything else. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? short(value) : undefined;
}

export function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The texts of a list; what is no text is left out. */
export function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, MOST_TEXTS)
    .map(text)
    .filter((one) => one !== undefined);
}

const MOST_TEXTS = 20;

/** Milliseconds between two times; undefined where one of them is none, or they stand the other way round. */
export function span(from: string | undefined, to: string): number | undefined {
  const ms = from === undefined ? NaN : Date.parse(to) - Date.parse(from);
  return ms >= 0 ? ms : undefined;
}

function short(value: string): string {
  return value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value;
}
