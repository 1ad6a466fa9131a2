/** The examples of docs/policies.md: what is written there is what the tests put through the real check. */
import { readFileSync } from 'node:fs';
import { policySetOf, type PolicySet } from '../../src/reconcilers/policy/policy-set.js';

export interface DocumentedPolicy {
  readonly name: string;
  readonly set: PolicySet;
  /** What the page says that the check says; absent for one that is taken. */
  readonly refusal?: string;
}

export function documentedPolicies(): readonly DocumentedPolicy[] {
  const page = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8');
  return page.split('<!-- example: ').slice(1).map(example);
}

/** `NAME -->` or `NAME, refused -->`, then files, each under its path, to the end of the section. */
function example(text: string): DocumentedPolicy {
  const [title = '', ...rest] = text.split(' -->');
  const [name = '', isRefused] = title.split(', ');
  const section = rest.join(' -->').split(/^#{2,} /m)[0] ?? '';
  const files = [...section.matchAll(/^`([^`\n]+)`\n\n```(?:rego|json)\n([^]*?)^```$/gm)];
  const set = policySetOf(
    files.map(([, path = '', content = '']) => ({ path, content: Buffer.from(content) })),
  );
  const refusal = /^```text\n([^]*?)\n```$/m.exec(section)?.[1];
  return { name, set, ...(isRefused === undefined || refusal === undefined ? {} : { refusal }) };
}
