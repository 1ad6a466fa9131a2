/** The Engine's multiplexed output is cut into lines wherever the network cut it. */
import { expect, test } from 'vitest';
import { OutputWithoutFrames } from '../../../src/reconcilers/docker/log-frames.js';
import { frame, LINES, linesOf, OUTPUT } from './framed-output.js';

test('that lines of stderr come with the Engine’s time, and a torn one says that it is', () => {
  expect(linesOf([OUTPUT])).toEqual(LINES);
});

test('that a line which is not text changes no other', () => {
  const odd = frame(2, 'x\n');
  odd[odd.length - 2] = 0xff;
  expect(linesOf([Buffer.concat([odd, frame(2, 'next\n')])]).map(({ text }) => text)).toEqual(['ÿ', 'next']);
});

test('that a terminal’s output is refused', () => {
  expect(() => linesOf([Buffer.from('swd3|a line without a frame\n')])).toThrow(OutputWithoutFrames);
});
