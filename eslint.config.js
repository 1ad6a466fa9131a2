import tseslint from 'typescript-eslint';

const noClockNoIo = {
  'no-restricted-imports': [
    'error',
    {
      patterns: [
        {
          group: [
            'node:*',
            'dockerode',
            'pino',
            'prom-client',
            'p-queue',
            'chokidar',
            '**/docker/**',
            '**/apply/**',
            '**/proxy/**',
            '**/controller/**',
            '**/probes/**',
            '**/cli/**',
          ],
          message: 'Planning is pure: values in, plan out.',
        },
      ],
    },
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'Take now from the input.' },
    { object: 'Math', property: 'random', message: 'Planning is deterministic.' },
  ],
  'no-restricted-syntax': [
    'error',
    {
      selector: "NewExpression[callee.name='Date'][arguments.length=0]",
      message: 'Take now from the input.',
    },
    { selector: 'AwaitExpression', message: 'Planning is synchronous.' },
  ],
  'no-restricted-globals': [
    'error',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'process',
    'fetch',
    'console',
    'performance',
    'crypto',
  ],
};

function forbid(groups, message) {
  return { 'no-restricted-imports': ['error', { patterns: groups.map((group) => ({ group, message })) }] };
}

const HOUSE = '(design §5: main → cli → reconcilers → {controller, probes})';

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'workload/dist/**', 'workload/node_modules/**'] },
  ...tseslint.configs.strict.map((config) => ({ ...config, files: ['**/*.{ts,tsx}'] })),
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': 'off',
    },
  },
  {
    files: ['src/**/*.{ts,tsx}', 'workload/src/**/*.{ts,tsx}'],
    rules: {
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', 300],
      complexity: ['error', 15],
      'max-params': ['error', 4],
      'no-console': 'error',
    },
  },
  { files: ['src/reconcilers/plan/**/*.{ts,tsx}'], rules: noClockNoIo },
  {
    files: ['src/controller/**/*.{ts,tsx}'],
    rules: forbid(
      [['**/reconcilers/**', '**/probes/**', '**/cli/**', '**/setup/**', 'dockerode']],
      `The engine does not know what it reconciles ${HOUSE}.`,
    ),
  },
  {
    files: ['src/probes/**/*.{ts,tsx}'],
    rules: forbid(
      [['**/reconcilers/**', '**/controller/**', '**/cli/**', 'dockerode']],
      `A probe measures and knows nothing else ${HOUSE}.`,
    ),
  },
  {
    files: ['src/reconcilers/**/*.{ts,tsx}'],
    ignores: ['src/reconcilers/plan/**', 'src/reconcilers/docker/**'],
    rules: forbid(
      [['**/cli/**', '**/setup/**', 'dockerode']],
      `Only reconcilers/docker knows dockerode ${HOUSE}.`,
    ),
  },
  {
    files: ['src/reconcilers/docker/**/*.{ts,tsx}'],
    rules: forbid([['**/cli/**', '**/setup/**']], `The domain does not know its commands ${HOUSE}.`),
  },
  {
    files: ['src/cli/**/*.{ts,tsx}'],
    rules: {
      'no-console': 'error',
      ...forbid([['dockerode']], `Only reconcilers/docker knows dockerode ${HOUSE}.`),
    },
  },
);
