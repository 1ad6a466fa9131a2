/** Reads the package of a Rego file, which must be its first statement; understands every spelling that OPA's parser accepts. */

const COMMENT_OR_SPACE = /^(?:\s+|#[^\n]*)+/;
const FIRST_NAME = /^[A-Za-z_][A-Za-z0-9_]*/;
const DOTTED = /^\.([A-Za-z_][A-Za-z0-9_]*)/;
const QUOTED = /^\[\s*("(?:[^"\\\n]|\\.)*")\s*\]/;
const RAW = /^\[\s*`([^`]*)`\s*\]/;

/** `package swiftdeploy["a-b"]` is `['swiftdeploy', 'a-b']`; undefined when the text does not begin with a package. */
export function regoPackage(text: string): readonly string[] | undefined {
  const start = skipComments(text.replace(/^\uFEFF/, ''));
  const keyword = /^package\s+/.exec(start);
  if (keyword === null) return undefined;
  return segments(skipComments(start.slice(keyword[0].length)));
}

function skipComments(text: string): string {
  return text.replace(COMMENT_OR_SPACE, '');
}

function segments(text: string): readonly string[] | undefined {
  const first = FIRST_NAME.exec(text);
  if (first === null) return undefined;
  const found = [first[0]];
  let rest = text.slice(first[0].length);
  for (let next = nextSegment(rest); next !== undefined; next = nextSegment(rest)) {
    found.push(next.name);
    rest = rest.slice(next.length);
  }
  return found;
}

function nextSegment(text: string): { name: string; length: number } | undefined {
  const plain = DOTTED.exec(text) ?? RAW.exec(text);
  if (plain?.[1] !== undefined) return { name: plain[1], length: plain[0].length };
  const quoted = QUOTED.exec(text);
  if (quoted?.[1] === undefined) return undefined;
  return { name: unquote(quoted[1]), length: quoted[0].length };
}

/** A string that is not JSON is not Rego either: OPA names the error better than we could. */
function unquote(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal;
  }
}

/** As it is written in Rego. */
export function packageWords([first = '', ...rest]: readonly string[]): string {
  const parts = rest.map((part) => (/^[A-Za-z_]\w*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`));
  return [first, ...parts].join('');
}
