/** The Engine's multiplexed output is cut into lines wherever the network cut it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogLine } from '../../../src/reconcilers/docker/engine.js';
import { LogFrames, OutputWithoutFrames } from '../../../src/reconcilers/docker/log-frames.js';

const AT = '2026-05-05T20:55:22.113000001Z';

function frame(stream: 1 | 2, text: string): Buffer {
  const payload = Buffer.from(`${AT} ${text}`);
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

function linesOf(chunks: readonly Buffer[]): LogLine[] {
  const lines: LogLine[] = [];
  const frames = new LogFrames((line) => lines.push(line));
  for (const chunk of chunks) frames.push(chunk);
  return lines;
}

const OUTPUT = Buffer.concat([
  frame(2, 'one\n'),
  frame(1, 'not of stderr\n'),
  frame(2, '\n'),
  frame(2, 'torn'),
  frame(2, 'last\n'),
]);
const LINES: readonly LogLine[] = [
  { at: AT, text: 'one', isWhole: true },
  { at: AT, text: '', isWhole: true },
  { at: AT, text: 'torn', isWhole: false },
  { at: AT, text: 'last', isWhole: true },
];

test('that lines of stderr come with the Engine’s time, and a torn one says that it is', () => {
  expect(linesOf([OUTPUT])).toEqual(LINES);
});

test('that they are the same however the output is cut into chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: OUTPUT.length })), (cuts) => {
      const ends = [...cuts.sort((a, b) => a - b), OUTPUT.length];
      const chunks = ends.map((end, index) => OUTPUT.subarray(index === 0 ? 0 : ends[index - 1], end));
      expect(linesOf(chunks)).toEqual(LINES);
    }),
  );
});

test('that a line which is not text changes no other', () => {
  const odd = frame(2, 'x\n');
  odd[odd.length - 2] = 0xff;
  expect(linesOf([Buffer.concat([odd, frame(2, 'next\n')])]).map(({ text }) => text)).toEqual(['ÿ', 'next']);
});

test('that a terminal’s output is refused', () => {
  expect(() => linesOf([Buffer.from('swd1|a line without a frame\n')])).toThrow(OutputWithoutFrames);
});
