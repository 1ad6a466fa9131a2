/** What must hold of a judge's log whatever is in it, and wherever the network cut it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJudgeLine } from '../../src/reconcilers/judge/parse-judge-log.js';
import { LINES, linesOf, OUTPUT } from '../unit/judge/framed-output.js';

test('that no text whatever throws', () => {
  const signs = fc.constantFrom(
    'swd3',
    '|',
    ', ',
    ' : ',
    '-',
    '200',
    '0.001',
    'canary',
    '10.0.0.5:3000',
    '\0',
    '9',
  );
  fc.assert(
    fc.property(fc.array(signs, { maxLength: 60 }), (parts) => {
      const request = parseJudgeLine(`swd3|${parts.join('')}`);
      expect(request === undefined || request.tries.every(({ address }) => address !== '')).toBe(true);
    }),
  );
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
