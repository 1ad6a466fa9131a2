/** Data goes to stdout, talk to stderr; colours only where they are wanted (NO_COLOR, FORCE_COLOR, a terminal). */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Wraps text in a style, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** One line of data. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One line for people. */
export function talk(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** How to paint what goes to `stream`. */
export function paintFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Paint {
  return wantsColours(stream, env)
    ? (style, text) => styleText(style, text, { validateStream: false })
    : plain;
}

/** Paints nothing. */
export function plain(_style: Style, text: string): string {
  return text;
}

function wantsColours(
  stream: { readonly isTTY?: boolean },
  { NO_COLOR, FORCE_COLOR }: Readonly<Record<string, string | undefined>>,
): boolean {
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return stream.isTTY === true;
}

/** What a thrown thing says. */
export function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Each line of `text` after `indent`. */
export function indented(text: string, indent: string): string {
  return text.replaceAll(/^/gm, indent);
}
