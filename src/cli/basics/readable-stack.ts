/** A stack trace in the places of the sources instead of the bundle's: what a report of a bug is worth something with. */
import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

const PLACE = /(file:\/\/\S+\.js):(\d+):(\d+)/g;

/** Reads the maps beside the build's files. A place without one stays as it is; never throws. */
export function readableStack(stack: string): string {
  return stack.replace(PLACE, (place: string, url: string, line: string, column: string) => {
    try {
      return sourcePlace(url, Number(line), Number(column)) ?? place;
    } catch {
      return place;
    }
  });
}

/** Lines and columns count from 1, as V8 prints them. */
function sourcePlace(url: string, line: number, column: number): string | undefined {
  const map = JSON.parse(readFileSync(fileURLToPath(`${url}.map`), 'utf8')) as SourceMapPayload;
  const entry = new SourceMap(map).findEntry(line - 1, column - 1);
  if (!('originalSource' in entry)) return undefined;
  const source = fileURLToPath(new URL(entry.originalSource, url));
  return `${source}:${String(entry.originalLine + 1)}:${String(entry.originalColumn + 1)}`;
}
