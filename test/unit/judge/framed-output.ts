/** Output of a container as the Engine multiplexes it, and the lines that it is. */
import type { LogLine } from '../../../src/reconcilers/docker/engine.js';
import { LogFrames } from '../../../src/reconcilers/docker/log-frames.js';

const AT = '2026-05-05T20:55:22.113000001Z';

export function frame(stream: 1 | 2, text: string): Buffer {
  const payload = Buffer.from(`${AT} ${text}`);
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

export function linesOf(chunks: readonly Buffer[]): LogLine[] {
  const lines: LogLine[] = [];
  const frames = new LogFrames((line) => lines.push(line));
  for (const chunk of chunks) frames.push(chunk);
  return lines;
}

export const OUTPUT = Buffer.concat([
  frame(2, 'one\n'),
  frame(1, 'not of stderr\n'),
  frame(2, '\n'),
  frame(2, 'torn'),
  frame(2, 'last\n'),
]);
export const LINES: readonly LogLine[] = [
  { at: AT, text: 'one', isWhole: true },
  { at: AT, text: '', isWhole: true },
  { at: AT, text: 'torn', isWhole: false },
  { at: AT, text: 'last', isWhole: true },
];
