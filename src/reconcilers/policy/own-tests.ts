/** The tests of a policy set by name, read off its files. Pure. */
import type { PolicySet } from './policy-set.js';
import { regoPackage } from './rego-package.js';

export interface OwnTest {
  /** Path inside the policy folder. */
  readonly file: string;
  /** As problems name it: `swiftdeploy.x_test.test_a`. */
  readonly name: string;
  /** To it, in any package: `data["swiftdeploy"]["x_test"]["test_a"]`. */
  readonly reference: string;
}

const RULE = /^[ \t]*(?:default[ \t]+)?(test_\w+)/gm;
const PLAIN = /^[A-Za-z_]\w*$/;

/** Each once, however many rules it has. */
export function ownTests({ files }: Pick<PolicySet, 'files'>): readonly OwnTest[] {
  const found = files.flatMap(({ path, content }) => {
    const text = path.endsWith('.rego') ? content.toString('utf8') : '';
    const parts = regoPackage(text) ?? [];
    return [...text.matchAll(RULE)].map(([, rule = '']) => testOf(path, [...parts, rule]));
  });
  return [...new Map(found.map((test) => [test.reference, test])).values()];
}

function testOf(file: string, [first = '', ...rest]: readonly string[]): OwnTest {
  const name = rest.map((part) => (PLAIN.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`));
  const reference = [first, ...rest].map((part) => `[${JSON.stringify(part)}]`);
  return { file, name: `${first}${name.join('')}`, reference: `data${reference.join('')}` };
}
