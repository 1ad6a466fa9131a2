import tseslint from 'typescript-eslint';

const NO_CLOCK = 'Take now from the input.';
const NO_DICE = 'Planning is deterministic.';
const PURE = 'Planning is pure: values in, plan out.';
const SYNCHRONOUS = 'Planning is synchronous.';
const HOUSE = '(design §5: main → cli → reconcilers → {controller, probes})';

/** Whatever reads a clock, throws dice, waits, or reaches what is outside, by whatever name. */
const noClockNoIo = {
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: NO_CLOCK },
    { object: 'Math', property: 'random', message: NO_DICE },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: NO_CLOCK },
    {
      selector: ":not(NewExpression, MemberExpression, TSTypeReference) > Identifier[name='Date']",
      message: NO_CLOCK,
    },
    { selector: "NewExpression > Identifier.arguments[name='Date']", message: NO_CLOCK },
    { selector: ":not(MemberExpression) > Identifier[name='Math']", message: NO_DICE },
    { selector: 'AwaitExpression', message: SYNCHRONOUS },
    { selector: 'ImportExpression', message: PURE },
  ],
  'no-restricted-globals': [
    'error',
    ...['globalThis', 'global', 'window', 'self', 'eval', 'Function', 'require', 'module'],
    ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'Promise', 'AbortSignal', 'Atomics'],
    ...['process', 'console', 'performance', 'crypto', 'Intl', 'Temporal', 'navigator'],
    ...['fetch', 'WebSocket', 'EventSource', 'BroadcastChannel', 'MessageChannel', 'WebAssembly'],
  ],
};

/** What else the plan is made of: types, and functions of their arguments. */
const PLANS_WORDS = '(?:desired/(?:stack-spec|spec-hash)|observed/(?:world|silence))\\.js';

/** A detour, as in `./../x.js`, hides where an import leads. */
const DETOUR = '(?:^\\.|[^.])/\\.\\./';

/** Nothing that `regex` finds may be imported, `import()` included, which has to say what it imports. */
function forbid(regex, message) {
  const said = `ImportExpression[source.value=/${regex.replaceAll('/', '\\x2F')}/]`;
  return {
    'no-restricted-imports': ['error', { patterns: [{ regex, message }] }],
    'no-restricted-syntax': [
      'error',
      { selector: said, message },
      { selector: "ImportExpression:not([source.type='Literal'])", message },
    ],
  };
}

/** Of all there is, only what `regex` describes as a whole. */
function allow(regex) {
  return {
    'no-restricted-imports': ['error', { patterns: [{ regex: `^(?!(?:${regex})$)`, message: PURE }] }],
  };
}

/** In files that are `depth` folders below `src`: nothing of ours from outside the uppermost of these. */
function keepWithin(depth, message) {
  return forbid(`^(?:\\.\\./){${depth}}|${DETOUR}|^dockerode(?:/|$)`, message);
}

/** `any` of these folders or files of `src`. */
function fromSrc(...any) {
  return `^(?:\\.\\.?/)+(?:${any.join('|')})(?:/|\\.js$)|${DETOUR}`;
}

const DOCKERODE = '^dockerode(?:/|$)';
const ONLY_DOCKER = `Only reconcilers/docker knows dockerode ${HOUSE}.`;
const DOMAIN = `The domain does not know its commands, and only reconcilers/docker knows dockerode ${HOUSE}.`;
const OUTSIDE = '^(?:node:)?(?:http|https|http2|net|tls)$|/policy/opa-(?:client|exchange)\\.js$';

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
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'fetch', message: 'No proxy, no limit, no own agent: ask by node:http.' },
      ],
    },
  },
  {
    files: ['src/*.ts'],
    rules: forbid('^(?!node:|\\./cli/)', `What runs is the command line ${HOUSE}.`),
  },
  ...['src/controller', 'src/probes'].flatMap((folder) =>
    [1, 2].map((depth) => ({
      files: [`${folder}/${depth === 1 ? '' : '*/'}*.{ts,tsx}`],
      rules: keepWithin(depth, `It knows nothing else of ours ${HOUSE}.`),
    })),
  ),
  {
    files: ['src/reconcilers/**/*.{ts,tsx}'],
    rules: forbid(
      [fromSrc('cli', 'setup', 'main'), DOCKERODE, OUTSIDE].join('|'),
      `${DOMAIN} Only policy/ talks to OPA, only proxy/ to nginx.`,
    ),
  },
  {
    files: ['src/reconcilers/{policy,proxy}/**/*.{ts,tsx}'],
    rules: forbid([fromSrc('cli', 'setup', 'main'), DOCKERODE].join('|'), DOMAIN),
  },
  {
    files: ['src/reconcilers/docker/**/*.{ts,tsx}'],
    rules: forbid(fromSrc('cli', 'setup', 'main'), DOMAIN),
  },
  {
    files: ['src/cli/**/*.{ts,tsx}'],
    rules: forbid([fromSrc('setup', 'main'), DOCKERODE].join('|'), ONLY_DOCKER),
  },
  {
    files: ['src/setup/**/*.{ts,tsx}'],
    rules: forbid([fromSrc('cli', 'main'), DOCKERODE].join('|'), ONLY_DOCKER),
  },
  {
    files: [
      'src/reconcilers/plan/**/*.{ts,tsx}',
      'src/reconcilers/{desired/stack-spec,desired/spec-hash,observed/world,observed/silence}.ts',
    ],
    rules: noClockNoIo,
  },
  {
    files: ['src/reconcilers/plan/*.{ts,tsx}'],
    rules: allow(`\\./[\\w-]+\\.js|\\.\\./${PLANS_WORDS}`),
  },
  {
    files: ['src/reconcilers/plan/*/*.{ts,tsx}'],
    rules: allow(`\\.\\.?/[\\w-]+\\.js|\\.\\./\\.\\./${PLANS_WORDS}`),
  },
);
