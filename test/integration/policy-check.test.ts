/** What a policy set must pass before it decides, in OPA's own image: which sets are taken, which are refused, and what is said of them. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { connectEngine } from '../../src/reconcilers/docker/connect.js';
import { CapabilityShelf } from '../../src/reconcilers/policy/capabilities.js';
import { checkInContainer } from '../../src/reconcilers/policy/check-container.js';
import { formatPolicyProblem } from '../../src/reconcilers/policy/check-policies.js';
import { policySetOf, readPolicySet, type PolicySet } from '../../src/reconcilers/policy/policy-set.js';

const SHIPPED = fileURLToPath(new URL('../../policies', import.meta.url));
const IMAGE = 'openpolicyagent/opa:latest-static';
const shelf = new CapabilityShelf();

async function check(set: PolicySet, engine = connectEngine(process.env)) {
  const stack = `swd-check-${randomBytes(3).toString('hex')}`;
  const found = await checkInContainer({ engine, stack, image: IMAGE, timeoutMs: 60_000 }, set, shelf);
  if (found === undefined) throw new Error(`${IMAGE} is not on the engine`);
  return {
    problems: found.problems.map(formatPolicyProblem),
    warnings: found.warnings.map(formatPolicyProblem),
  };
}

function setOf(files: Readonly<Record<string, string>>): PolicySet {
  return policySetOf(Object.entries(files).map(([path, text]) => ({ path, content: Buffer.from(text) })));
}

/** A domain `x` for deploys, made of its rules for `allow`. */
function domain(allow: string): PolicySet {
  return setOf({
    'x/x.rego': `# METADATA
# custom: {questions: [deploy]}
package swiftdeploy.x

import rego.v1

default allow := false

${allow}

decision := {"allow": allow, "reasons": reasons}

reasons := [] if allow

reasons := ["denied by x"] if not allow
`,
  });
}

const TAKEN = { problems: [], warnings: [] };
/** Of a set that is asked nothing but deploys. */
const NOBODY_ELSE =
  /^nobody_to_ask: no domain answers replace, heal, start_canary, promote, rollback, remove, analyse: /;

test('the shipped policies are taken, whatever their tests print, by one query', async () => {
  const engine = connectEngine(process.env);
  const made = vi.spyOn(engine, 'createContainer');
  expect(await check(await readPolicySet(SHIPPED), engine)).toEqual(TAKEN);
  const queries = made.mock.calls.filter(([{ command }]) => command?.[0] === 'eval');
  const tests = made.mock.calls.filter(([{ command }]) => command?.[0] === 'test');
  expect([queries.length, tests.length]).toEqual([1, 0]);
});

test.each([
  [
    'asks for every fact that it compares',
    'allow if {\n\tis_number(input.host.disk_free_gb)\n\tinput.host.disk_free_gb >= 10\n\tinput.host.disk_free_gb < 1000000\n}',
  ],
  [
    'looks at no host at all',
    'allow if {\n\tinput.question == "deploy"\n\tnot startswith(input.service.image, "evil.example.com/")\n}',
  ],
  [
    'looks at the clock',
    'allow if {\n\tinput.question == "deploy"\n\tnot time.weekday(time.now_ns()) in {"Nonday"}\n}',
  ],
  [
    'compares addresses',
    'allow if {\n\tinput.question == "deploy"\n\tnet.cidr_contains("10.0.0.0/8", "10.1.2.3")\n}',
  ],
  ['denies everything', 'allow if input.question == "never"'],
])('a domain that %s is taken', async (_name, allow) => {
  const warnings = [expect.stringMatching(NOBODY_ELSE) as string];
  expect(await check(domain(allow))).toEqual({ problems: [], warnings });
});

test.each([
  [
    'the empty question',
    'allow if not input.host.on_fire',
    [/^x\/x\.rego:9:1 probe_allowed: x allows an empty question \(\{\}\): .*default allow := false/],
  ],
  [
    'a freeze that only looks at the clock',
    'allow if time.weekday(time.now_ns()) != "Sunday"',
    [/x allows an empty question/],
  ],
  [
    'a null, which compares lower than any number',
    'allow if input.host.cpu_load_1m <= 2',
    [/^x\/x\.rego:9:1 probe_allowed: x allows deploy when cpu_load_1m is null or -1 \(.*is_number/],
  ],
  [
    'a text, and numbers that no host has',
    'allow if input.host.disk_free_gb >= 10',
    [/x allows deploy when disk_free_gb is a text or 1e308 /],
  ],
  [
    'facts that are missing',
    'bad if input.host.mem_free_percent < 10\n\nallow if {\n\tinput.question == "deploy"\n\tnot bad\n}',
    [
      /x allows deploy when none of the facts that it looks at is there/,
      /mem_free_percent is missing or a text or 1e308/,
    ],
  ],
  [
    'replicas that no service has',
    'allow if input.service.replicas <= 10',
    [/^x\/x\.rego:9:1 probe_allowed: x allows deploy when service\.replicas is null or -1 \(.*is_number/],
  ],
])('a domain that allows %s is refused', async (_name, allow, expected) => {
  const { problems } = await check(domain(allow));
  expect(problems).toEqual(expected.map((pattern) => expect.stringMatching(pattern) as string));
});

test.each([
  [
    'http.send({"method": "get", "url": "http://127.0.0.1/"}).status_code == 200',
    /^x\/x\.rego:9:10 builtin_forbidden: http\.send may not be used in policies: it asks other servers/,
  ],
  ['net.lookup_ip_addr("example.com") != set()', /net\.lookup_ip_addr may not be used/],
  ['opa.runtime().env.PATH', /opa\.runtime may not be used .*environment/],
  ['rand.intn("dice", 2) == 1', /rand\.intn may not be used .*by chance/],
  [
    'input.question == "deploy"\n}\n\nallow if {\n\tinput.hots.disk_free_gb > 10',
    /^x\/x\.rego:\d+:\d+ rego_type_error: undefined ref: input\.hots/,
  ],
])('a domain that says %s is refused', async (body, expected) => {
  const set = domain(`allow if {\n\t${body}\n}`);
  const annotated = set.files.map(({ path, content }) => ({
    path,
    content: Buffer.from(
      content.toString().replace('# custom:', '# schemas:\n#   - input: schema.input\n# custom:'),
    ),
  }));
  const { problems } = await check(policySetOf(annotated));
  expect(problems[0]).toMatch(
    body.includes('hots') ? expected : new RegExp(expected.source.replace(':9:10', ':\\d+:\\d+')),
  );
});

test.each([
  [
    'nothing',
    'undefined for "deploy"',
    'package swiftdeploy.x\n\ndecision := {"allow": true} if input.question == "never"\n',
  ],
  ['a text for allow', 'not true or false', 'package swiftdeploy.x\n\ndecision := {"allow": "true"}\n'],
  [
    'a denial without a reason',
    'denied without a reason',
    'package swiftdeploy.x\n\ndecision := {"allow": false}\n',
  ],
])('a domain that answers %s is refused', async (_name, why, rego) => {
  const { problems } = await check(setOf({ 'x/x.rego': rego }));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(why);
  expect(problems[0]).toMatch(
    /^x\/x\.rego.* probe_not_answered: x does not answer deploy, replace, .*, analyse when nothing is wrong: /,
  );
});

const NO_LATEST = `# METADATA
# custom: {questions: [deploy, rollback]}
package swiftdeploy.x

import rego.v1

allow if {
	is_string(input.question)
	input.service.version != "latest"
}

decision := {"allow": allow, "reasons": reasons}
`;
const NO_PART = 'allow if input.part\n\n';

test.each([
  [
    'is silent where it should say no',
    `${NO_LATEST}\nreasons := []\n\n${NO_PART}`,
    /^x\/x\.rego:7:1 probe_not_answered: x does not answer deploy, rollback about a service of which everything is wrong .*silence.*\(write `default allow := false`/,
  ],
  [
    'gives no reason for its no',
    `${NO_LATEST}\nreasons := []\n\ndefault allow := false\n\n${NO_PART}`,
    /^x\/x\.rego:7:1 probe_not_answered: x does not answer deploy, rollback about .* denied without a reason \(say why/,
  ],
  [
    'has nothing to say to parts of the stack',
    `${NO_LATEST}\ndefault allow := false\n\nreasons := [] if allow\n\nreasons := ["no"] if input.service.version == "latest"\n`,
    /^x\/x\.rego:\d+:1 probe_not_answered: x does not answer deploy about a network of the stack .*silence/,
  ],
])('a domain that %s is refused', async (_name, rego, expected) => {
  expect((await check(setOf({ 'x/x.rego': rego }))).problems).toEqual([
    expect.stringMatching(expected) as string,
  ]);
});

test('and one that says why is taken', async () => {
  const rego = `${NO_LATEST}\nreasons := [] if allow\n\nreasons := ["no"] if not allow\n\ndefault allow := false\n`;
  expect((await check(setOf({ 'x/x.rego': rego }))).problems).toEqual([]);
});

test.each([
  [
    'package x',
    /^x\/x\.rego:1:1 wrong_package: the package is x; for the domain x it has to be swiftdeploy\.x$/,
  ],
  ['package swiftdeploy.x', /^x\/x\.rego:1:1 no_decision: there is no rule named decision in package/],
])(
  'a domain with rules as other tools want them (%s) is refused with the one cause',
  async (head, expected) => {
    const { problems } = await check(
      setOf({ 'x/x.rego': `${head}\n\ndeny contains "no" if input.x == 1\n` }),
    );
    expect(problems).toEqual([expect.stringMatching(expected) as string]);
  },
);

const OLDER = {
  'data.json': '{"thresholds": {"min_disk_free_gb": 10, "max_cpu_load": 2.0}}',
  'infrastructure.rego': `package swiftdeploy.infrastructure

import rego.v1

default allow := false

allow if count(violations) == 0

violations contains sprintf("disk_free_gb is %v", [input.disk_free_gb]) if {
	input.disk_free_gb < data.thresholds.min_disk_free_gb
}

violations contains sprintf("cpu load is %v", [input.cpu_load]) if {
	input.cpu_load > data.thresholds.max_cpu_load
}

decision := {
	"allow": allow,
	"reasons": [reason | some reason in violations],
	"domain": "infrastructure",
	"checked": {"disk_free_gb": input.disk_free_gb},
}
`,
};

test('a published policy of an older tool is taken, and what it lets through is said', async () => {
  const { problems, warnings } = await check(setOf(OLDER));
  expect(problems).toEqual([]);
  expect(warnings.join('\n')).toMatch(/infrastructure allows .*deploy.* when disk_free_gb is .*a text/);
});

test('one that allows when nothing is known is refused, old or not', async () => {
  const rego = OLDER['infrastructure.rego'].replace('"checked": {"disk_free_gb": input.disk_free_gb},', '');
  const { problems } = await check(setOf({ ...OLDER, 'infrastructure.rego': rego }));
  expect(problems.join('\n')).toMatch(/allows an empty question/);
  expect(problems.join('\n')).toMatch(/none of the facts/);
});

test('one that cannot be evaluated for an odd input is refused', async () => {
  const conflict = `reasons := ["no load"] if input.host.disk_free_gb == null

allow if input.host.disk_free_gb >= 10`;
  const { problems } = await check(domain(conflict));
  expect(problems.join('\n')).toMatch(
    /^x\/x\.rego:\d+:1 probe_failed: x cannot be evaluated for "deploy" with facts of every kind: complete rules must not produce multiple outputs/,
  );
});

test('one that prints is not blamed for another that cannot be evaluated', async () => {
  const sound = domain(
    'allow if {\n\tprint("asked", input.question)\n\tinput.host.disk_free_gb >= 10\n\tinput.host.disk_free_gb < 1000000\n}',
  );
  const rename = ({ path, content }: PolicySet['files'][number]) => ({
    path: path.replaceAll('x', 'printer'),
    content: Buffer.from(content.toString().replace('swiftdeploy.x', 'swiftdeploy.printer')),
  });
  const { files } = domain('allow if input.question\n\nallow := false if input.question');
  const { problems } = await check(policySetOf([...files, ...sound.files.map(rename)]));
  expect(problems.join('\n')).toMatch(/x cannot be evaluated for "deploy"/);
  expect(problems.join('\n')).not.toContain('printer');
});

test('one that allows what a manifest may leave out is warned of it alone', async () => {
  const cap = `many if input.service.resources.cpus > 4

odd if {
	cpus := input.service.resources.cpus
	not in_range(cpus)
}

in_range(cpus) if {
	is_number(cpus)
	cpus > 0
}

allow if {
	is_string(input.question)
	not many
	not odd
}`;
  const { problems, warnings } = await check(domain(cap));
  expect(problems).toEqual([]);
  expect(warnings).toEqual([
    expect.stringContaining(
      'probe_allowed: x allows deploy when service.resources.cpus is missing (',
    ) as string,
    expect.stringMatching(NOBODY_ELSE) as string,
  ]);
});

const CLASHING_HEAD = 'package swiftdeploy.x\n\nimport rego.v1\n\n';

test.each([
  [
    'what they refuse of a service',
    `decision := {"allow": count(refused) == 0, "reasons": refused} if input.question

refused contains "no root" if input.service.user == "0"
`,
  ],
  [
    'a part of the stack',
    'decision := {"allow": false, "reasons": ["no part"]} if input.part.kind == "network"\n',
  ],
])('two files that agree but on %s are refused', async (_name, rego) => {
  const { files } = domain('allow if is_string(input.question)');
  const clashing = { path: 'x/y.rego', content: Buffer.from(CLASHING_HEAD + rego) };
  const { problems } = await check(policySetOf([...files, clashing]));
  expect(problems).toEqual([
    expect.stringMatching(
      /^x\/[xy]\.rego:\d+:1 probe_failed: x cannot be evaluated for "deploy" .* \(rules of one name, in all files of a package, /,
    ) as string,
  ]);
});

test('data that is no YAML is refused by row and column', async () => {
  const { files } = domain('allow if input.question == "never"');
  const yaml = { path: 'x/data.yaml', content: Buffer.from('ok: 1\nlimits: [1') };
  const { problems } = await check(policySetOf([...files, yaml]));
  expect(problems).toEqual([expect.stringMatching(/^x\/data\.yaml:2:11 data_not_loaded: yaml: /) as string]);
});

test('its own tests are run: those that fail are named, those that pass are not', async () => {
  const { files } = domain('allow if input.question == "never"');
  const tests = `package swiftdeploy.x_test

import rego.v1

test_good if data.swiftdeploy.x.decision.allow == false

test_bad if data.swiftdeploy.x.decision.allow == true

test_never_defined if {
	some test_inside in [1, 2]
	test_inside == 3
}
`;
  const { problems } = await check(
    policySetOf([...files, { path: 'x/x_test.rego', content: Buffer.from(tests) }]),
  );
  expect(problems).toEqual([
    'x/x_test.rego:7:1 test_failed: swiftdeploy.x_test.test_bad',
    'x/x_test.rego:9:1 test_failed: swiftdeploy.x_test.test_never_defined',
  ]);
});

test('tests of a package that is called oddly are run, too', async () => {
  const { files } = domain('allow if input.question == "never"');
  const tests = 'package swiftdeploy["x-test"]\n\nimport rego.v1\n\ntest_bad if 1 == 2\n';
  const { problems } = await check(
    policySetOf([...files, { path: 'x/x_test.rego', content: Buffer.from(tests) }]),
  );
  expect(problems.join('\n')).toMatch(/^x\/x_test\.rego:5:1 test_failed: .*test_bad$/);
});

test('a domain that does not answer is named with its place, beside shipped ones that do', async () => {
  const shipped = await readPolicySet(SHIPPED);
  const endless = `# METADATA
# custom: {questions: [deploy]}
package swiftdeploy.team2

decision := {"allow": count(pairs) > 0, "reasons": ["none"]}

pairs := [[a, b] | some a in numbers.range(1, 1000000); some b in numbers.range(1, 1000000)]
`;
  const file = { path: 'team2/team2.rego', content: Buffer.from(endless) };
  const { problems } = await check(policySetOf([...shipped.files, file]));
  expect(problems).toEqual([
    expect.stringMatching(/^team2\/team2\.rego:5:\d+ test_timeout: team2 does not answer .+ within \d+ s/),
  ]);
});
