/** The linter holds the house: each planted violation is seen. The text is linted as if it stood in that folder; nothing is written. */
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, test } from 'vitest';

/** Without the rules that need a type checker, which knows only files that exist. */
const eslint = new ESLint({
  overrideConfig: [
    {
      files: ['**/*.ts'],
      languageOptions: { parserOptions: { projectService: false, project: null } },
      rules: {
        '@typescript-eslint/no-floating-promises': 'off',
        '@typescript-eslint/no-misused-promises': 'off',
        '@typescript-eslint/switch-exhaustiveness-check': 'off',
      },
    },
  ],
});

async function rulesBroken(folder: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: `${folder}/planted-violation.ts` });
  return [...new Set((result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message))];
}

const IMPORT = 'no-restricted-imports';
const CASES: readonly (readonly [string, string, string, string])[] = [
  ['plan/ has no clock', 'src/reconcilers/plan', 'export const at = Date.now();', 'no-restricted-properties'],
  [
    'plan/ has no clock by another name',
    'src/reconcilers/plan',
    'export const at = new Date();',
    'no-restricted-syntax',
  ],
  [
    'plan/ throws no dice',
    'src/reconcilers/plan',
    'export const at = Math.random();',
    'no-restricted-properties',
  ],
  [
    'plan/ waits for nothing',
    'src/reconcilers/plan',
    'export async function f(p: Promise<void>) { await p; }',
    'no-restricted-syntax',
  ],
  ['plan/ sets no timer', 'src/reconcilers/plan', 'setTimeout(() => undefined, 1);', 'no-restricted-globals'],
  [
    'plan/ reads no environment',
    'src/reconcilers/plan',
    'export const at = process.env.HOME;',
    'no-restricted-globals',
  ],
  ['plan/ prints nothing', 'src/reconcilers/plan', "console.log('x');", 'no-restricted-globals'],
  [
    'plan/ opens no file',
    'src/reconcilers/plan',
    "import { readFileSync } from 'node:fs';\nreadFileSync('x');",
    IMPORT,
  ],
  ['plan/ does not apply', 'src/reconcilers/plan', "import { x } from '../apply/apply.js';\nx();", IMPORT],
  [
    'plan/ does not know the engine',
    'src/reconcilers/plan',
    "import { x } from '../docker/engine.js';\nx();",
    IMPORT,
  ],
  [
    'only docker/ knows dockerode',
    'src/reconcilers/apply',
    "import Docker from 'dockerode';\nnew Docker();",
    IMPORT,
  ],
  ['nor does a command', 'src/cli', "import Docker from 'dockerode';\nnew Docker();", IMPORT],
  [
    'nor does the engine of the loop',
    'src/controller',
    "import Docker from 'dockerode';\nnew Docker();",
    IMPORT,
  ],
  [
    'controller/ does not know what it reconciles',
    'src/controller',
    "import { x } from '../reconcilers/plan/names.js';\nx();",
    IMPORT,
  ],
  ['a probe knows nothing else', 'src/probes', "import { x } from '../controller/outcome.js';\nx();", IMPORT],
  [
    'the domain does not know its commands',
    'src/reconcilers/docker',
    "import { x } from '../../cli/exit.js';\nx();",
    IMPORT,
  ],
  ['nothing is printed past the log', 'src/reconcilers/observed', "console.log('x');", 'no-console'],
];

describe('the linter', () => {
  beforeAll(() => rulesBroken('src/reconcilers/plan', 'export {};'), 30_000);

  test.each(CASES)('%s', async (_what, folder, code, rule) => {
    expect(await rulesBroken(folder, code)).toContain(rule);
  });

  test('sees nothing where nothing is wrong', async () => {
    expect(
      await rulesBroken('src/reconcilers/plan', 'export const at = (now: number) => new Date(now);'),
    ).toEqual([]);
    expect(
      await rulesBroken('src/reconcilers/docker', "import Docker from 'dockerode';\nnew Docker();"),
    ).toEqual([]);
  });

  test('long, tangled and greedy functions are refused', async () => {
    const long = `export function f() {\n${'  g();\n'.repeat(61)}}\nfunction g() {}`;
    const tangled = `export function f(a: number) {\n${Array.from({ length: 16 }, (_, n) => `  if (a === ${String(n)}) return ${String(n)};`).join('\n')}\n  return -1;\n}`;
    const greedy = 'export function f(a: 1, b: 2, c: 3, d: 4, e: 5) { return [a, b, c, d, e]; }';
    expect(await rulesBroken('src/probes', long)).toContain('max-lines-per-function');
    expect(await rulesBroken('src/probes', tangled)).toContain('complexity');
    expect(await rulesBroken('src/probes', greedy)).toContain('max-params');
    expect(await rulesBroken('src/probes', 'const a = 1;\n'.repeat(301))).toContain('max-lines');
  });
});
