import { describe, expect, it } from 'vitest';
import { parseByteSize } from '../../../src/reconcilers/desired/byte-size.js';
import { parseDuration } from '../../../src/reconcilers/desired/duration.js';
import { splitCommand } from '../../../src/reconcilers/desired/split-command.js';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['5s', 5000],
    ['1m30s', 90_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1.5s', 1500],
    ['250us', 0.25],
    ['30', 30_000],
    [30, 30_000],
    [0.5, 500],
  ])('%s is %d ms', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

  it.each(['', 's', '5 s', '5x', '-5s', '5s!', '1m 30s', -1, Number.NaN, Infinity])('%s is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('sizes', () => {
  it.each([
    ['512k', 524_288],
    ['256m', 268_435_456],
    ['1g', 1_073_741_824],
    ['1GB', 1_073_741_824],
    ['1.5MiB', 1_572_864],
    ['100b', 100],
    [1048576, 1_048_576],
  ])('%s is %d bytes', (text, bytes) => expect(parseByteSize(text)).toBe(bytes));

  it.each(['', 'm', '1x', '-1m', '1 m', -1, Number.NaN, 1e300])('%s is none', (text) => {
    expect(parseByteSize(text)).toBeUndefined();
  });
});

describe('commands', () => {
  it.each([
    ['npm start', ['npm', 'start']],
    ['  a   b  ', ['a', 'b']],
    [`sh -c 'a "b" $c'`, ['sh', '-c', 'a "b" $c']],
    [`"a \\"b\\" \\n" c`, ['a "b" \\n', 'c']],
    [`a\\ b ""`, ['a b', '']],
    [`x'y'"z"`, ['xyz']],
    ['', []],
  ])('%s', (line, words) => expect(splitCommand(line)).toEqual(words));

  it.each([`a 'b`, `a "b`, 'a \\', `"a\\"`])('%s is not closed', (line) =>
    expect(splitCommand(line)).toBeUndefined(),
  );
});
