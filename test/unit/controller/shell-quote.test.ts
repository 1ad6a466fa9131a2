import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellQuote } from '../../../src/controller/shell-quote.js';

test('a shell reads the same word again', () => {
  for (const word of ["/srv/sp ace'q/docker-compose.yml", '$HOME `id` "x" \\', "''", '-n'])
    expect(execFileSync('sh', ['-c', `printf %s ${shellQuote(word)}`], { encoding: 'utf8' })).toBe(word);
});
