/** A text without its secrets: where one stood stands its name, so that who has the manifest can still read what was said. Pure. */
import type { Secret } from './secret-values.js';

interface Place {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

export function masked(text: string, secrets: readonly Secret[]): string {
  let told = '';
  let at = 0;
  for (const { start, end, name } of united(secrets.flatMap((secret) => placesOf(secret, text)))) {
    told += `${text.slice(at, start)}‹${name}›`;
    at = end;
  }
  return told + text.slice(at);
}

function placesOf({ name, text: secret }: Secret, text: string): Place[] {
  const places: Place[] = [];
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1))
    places.push({ start: at, end: at + secret.length, name });
  return places;
}

/** In order, and none inside or over another: else the end of one secret would be left of two that overlap. The longest has the name. */
function united(places: readonly Place[]): Place[] {
  const whole: Place[] = [];
  for (const place of [...places].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = whole.at(-1);
    if (last === undefined || place.start >= last.end) whole.push(place);
    else
      whole.splice(-1, 1, { ...longer(last, place), start: last.start, end: Math.max(last.end, place.end) });
  }
  return whole;
}

function longer(a: Place, b: Place): Place {
  return b.end - b.start > a.end - a.start ? b : a;
}
