/** How a domain may be called: its name is a folder, a part of a Rego package and of a URL. Pure. */

/** What is wrong with a name, and one like it that would do; undefined for a good one. */
export function nameProblem(name: string): string | undefined {
  if (!WELL_FORMED.test(name))
    return `a domain is called by small letters, digits and _, and begins with a letter${suggestion(name)}`;
  if (name.endsWith('_test'))
    return `a file that ends in _test.rego is a test and never decides${suggestion(name)}`;
  if (TAKEN.has(name)) return `${name} is a word of Rego or of OPA itself${suggestion(name)}`;
  return undefined;
}

const MOST_LETTERS = 40;
const WELL_FORMED = /^[a-z][a-z0-9_]{0,39}$/;

/** Keywords cannot be in a package's name; of the others a reader would think that they are OPA's own. */
const TAKEN: ReadonlySet<string> = new Set([
  ...['as', 'contains', 'default', 'else', 'every', 'false', 'if', 'import', 'in', 'not', 'null'],
  ...['package', 'some', 'true', 'with', 'data', 'input', 'system', 'schema', 'rego'],
]);

function suggestion(name: string): string {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1_$2');
  const plain = words
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+/, '')
    .slice(0, MOST_LETTERS)
    .replace(/(_test)?_*$/, '');
  const better = TAKEN.has(plain) ? `${plain}_rules` : plain;
  return better === '' ? ', as in: swiftdeploy policies new replica_cap' : `; try: ${better}`;
}
