/** An event for a person's terminal: when, and what in words. Pure; nothing that an event carries can steer the terminal. */
import { indented, type Paint } from '../basics/talk.js';
import { eventWords } from '../telling/event-words.js';
import type { LooseEvent } from '../telling/loose-event.js';

/** One line, or several where the event carries more. */
export function eventLine(event: LooseEvent, paint: Paint): string {
  const [first = '', ...more] = eventWords(harmless(event) as LooseEvent, paint).split('\n');
  const rest = more.length === 0 ? '' : `\n${indented(more.join('\n'), '  ')}`;
  return `${paint('dim', timeOf(event))}  ${first}${rest}`;
}

function timeOf({ timestamp }: LooseEvent): string {
  const at = Date.parse(timestamp);
  if (Number.isNaN(at)) return 'at no known time    ';
  return `${new Date(at).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length)}Z`;
}

/** A container's log is in here: its colours and its bells stay out. */
export function harmless(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(SEQUENCES, '').replace(CONTROLS, ' ');
  if (Array.isArray(value)) return value.map(harmless);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, harmless(field)]));
}

/** Colours and cursor (CSI), titles and links (OSC); `stripVTControlCharacters` takes text away with them. */
const SEQUENCES = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;
const CONTROLS = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
