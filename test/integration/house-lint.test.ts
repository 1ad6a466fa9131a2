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

const SYNTAX = 'no-restricted-syntax';
const GLOBAL = 'no-restricted-globals';
const taken = (specifier: string) => `import { x } from '${specifier}';\nx();`;
const later = (specifier: string) => `export const x = () => import('${specifier}');`;

/** By folder: what is planted there, and the rule that sees it. */
const MORE: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'src/reconcilers/plan': [
    [taken('fs'), IMPORT],
    [taken('timers'), IMPORT],
    [taken('./../policy/answer.js'), IMPORT],
    [taken('../policy/opa-client.js'), IMPORT],
    [taken('../observed/observer.js'), IMPORT],
    [taken('../judge/judge.js'), IMPORT],
    [taken('../../setup/engine.js'), IMPORT],
    [taken('yaml'), IMPORT],
    [later('node:fs'), SYNTAX],
    ['export const at = Date();', SYNTAX],
    ['const d = Date;\nexport const at = d.now();', SYNTAX],
    ['export const { now } = Date;', SYNTAX],
    ['export const { random } = Math;', SYNTAX],
    ['export const at = globalThis.Date.now();', GLOBAL],
    ['export const at = globalThis.performance.now();', GLOBAL],
    ['queueMicrotask(() => undefined);', GLOBAL],
    ['export const at = new Intl.DateTimeFormat().format();', GLOBAL],
  ],
  'src/reconcilers/plan/predict': [
    [taken('../../observed/observer.js'), IMPORT],
    [taken('../../../controller/outcome.js'), IMPORT],
  ],
  'src/reconcilers/apply': [
    ["void fetch('http://127.0.0.1:8181/v1/data');", GLOBAL],
    [taken('node:http'), IMPORT],
    [taken('../policy/opa-client.js'), IMPORT],
    [later('dockerode'), SYNTAX],
  ],
  'src/controller': [
    [taken('../package-files.js'), IMPORT],
    [later('../reconcilers/plan/names.js'), SYNTAX],
    ['export const x = (name: string) => import(name);', SYNTAX],
  ],
  'src/controller/git': [[taken('../../probes/host/cpu-count.js'), IMPORT]],
  'src/probes': [[taken('../setup/engine.js'), IMPORT]],
  'src/probes/host': [[taken('../../setup/engine.js'), IMPORT]],
  'src/cli': [
    [taken('../main.js'), IMPORT],
    [taken('../setup/engine.js'), IMPORT],
    [later('dockerode'), SYNTAX],
  ],
  'src/setup': [[taken('dockerode'), IMPORT]],
  'src/setup/recipes': [[taken('../../cli/run.js'), IMPORT]],
  src: [
    [taken('dockerode'), IMPORT],
    [taken('./reconcilers/plan/names.js'), IMPORT],
  ],
};
const PLANTED = Object.entries(MORE).flatMap(([folder, planted]) =>
  planted.map(([code, rule]) => [folder, code, rule] as const),
);

describe('the linter', () => {
  beforeAll(() => rulesBroken('src/reconcilers/plan', 'export {};'), 30_000);

  test.each(CASES)('%s', async (_what, folder, code, rule) => {
    expect(await rulesBroken(folder, code)).toContain(rule);
  });

  test.each(PLANTED)('in %s refuses %s', async (folder, code, rule) => {
    expect(await rulesBroken(folder, code)).toContain(rule);
  });

  test.each([
    ['src/reconcilers/plan', taken('../desired/spec-hash.js')],
    ['src/reconcilers/plan/predict', taken('../../observed/world.js')],
    ['src/controller/git', taken('../naming-file.js')],
    ['src/reconcilers/policy', taken('node:http')],
    ['src/cli', later('pino')],
    ['src/setup', taken('../reconcilers/docker/dockerode.js')],
    ['src', taken('./cli/program.js')],
  ])('in %s takes %s', async (folder, code) => {
    expect(await rulesBroken(folder, code)).toEqual([]);
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
