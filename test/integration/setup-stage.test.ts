import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { formatMs } from '../../scripts/stage.mjs';

const MODULE = fileURLToPath(new URL('../../scripts/stage.mjs', import.meta.url));

function runScript(body: string): { stdout: string; stderr: string } {
  const script = `import { printFailure, runStage, StageError } from ${JSON.stringify(MODULE)};\n${body}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
}

describe('a stage', () => {
  it('prints one line with its time, on stderr', () => {
    const { stdout, stderr } = runScript(`await runStage('engine', async () => '28.0 at unix:///x');`);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^✔ engine 28\.0 at unix:\/\/\/x \(\d+ ms\)\n$/);
  });

  it('shows what it is busy with when it takes longer than a second', () => {
    const body = `await runStage('build', (report) => { report('tsc'); return new Promise((ok) => setTimeout(ok, 1200, 'ok')); });`;
    expect(runScript(body).stderr).toMatch(/^… build tsc\n✔ build ok \(1\.2 s\)\n$/);
  });

  it('that fails is printed as stage, cause and cure, without a stack trace', () => {
    const body = `await runStage('engine', async () => { throw new StageError('no answer', 'start it'); }).catch(printFailure);`;
    expect(runScript(body).stderr).toBe('✘ engine: no answer\n  cure: start it\n');
  });
});

describe('formatMs', () => {
  it.each([
    [12.4, '12 ms'],
    [3_440, '3.4 s'],
    [125_000, '2 min 5 s'],
  ])('%d is %s', (ms, text) => {
    expect(formatMs(ms)).toBe(text);
  });
});
