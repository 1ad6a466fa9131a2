/** From what somebody typed to a field of the manifest: by its path, by the end of its path, or by another dialect's name. Pure. */
import { suggestWord } from '../../reconcilers/desired/suggest-word.js';
import { OTHER_NAMES } from './other-names.js';
import { allPaths, childrenOf, resolveNode, ROOT, type SchemaNode } from './schema-node.js';

export interface Field {
  readonly path: string;
  readonly node: SchemaNode;
  readonly required: boolean;
}

export type Found =
  /** `note`: that it was asked for by another name. */
  | { readonly kind: 'field'; readonly field: Field; readonly note?: string }
  /** Why there is none, and what was probably meant. */
  | { readonly kind: 'none'; readonly why: string; readonly near?: string };

/** Also takes `services[].port`, `.services.port` and the map form's `services.web.port`. */
export function findField(typed: string): Found {
  const path = typed.replaceAll(/\[[^\]]*\]/g, '').replaceAll(/^\.+|\.+$/g, '');
  const exact = OTHER_NAMES.has(path) ? undefined : fieldAt(path.split('.'));
  if (exact !== undefined) return { kind: 'field', field: exact };
  const [byEnd, ...more] = pathsEndingWith(path, allPaths());
  if (byEnd !== undefined && more.length === 0) return field(byEnd);
  if (byEnd !== undefined)
    return { kind: 'none', why: `there are several ${path}: ${[byEnd, ...more].join(', ')}` };
  return underAnotherName(path) ?? none(path);
}

function field(path: string, note?: string): Found {
  const found = fieldAt(path.split('.'));
  if (found === undefined) return none(path);
  return { kind: 'field', field: found, ...(note === undefined ? {} : { note }) };
}

/** Undefined where a part of the path is no key. */
function fieldAt(parts: readonly string[]): Field | undefined {
  let at: Field = { path: '', node: ROOT, required: true };
  for (const [index, part] of parts.entries()) {
    const child = childOf(at, part);
    if (child !== undefined) at = child;
    else if (index !== 1 || !isServiceName(at, parts[2])) return undefined;
  }
  return at.path === '' ? undefined : at;
}

/** In the map form a name stands before a service's keys. */
function isServiceName({ path, node }: Field, next: string | undefined): boolean {
  return path === 'services' && next !== undefined && node.properties?.[next] !== undefined;
}

function childOf({ path, node }: Field, part: string): Field | undefined {
  const free = typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
  const own = Object.hasOwn(node.properties ?? {}, part) ? node.properties?.[part] : undefined;
  const child = own ?? (part === '' || node.properties !== undefined ? undefined : free);
  if (child === undefined) return undefined;
  return {
    path: path === '' ? part : `${path}.${part}`,
    node: resolveNode(child),
    required: node.required?.includes(part) === true,
  };
}

/** Those nearest to the top. */
function pathsEndingWith(end: string, paths: readonly string[]): readonly string[] {
  const found = paths.filter((path) => path === end || path.endsWith(`.${end}`));
  const least = Math.min(...found.map(depth));
  return found.filter((path) => depth(path) === least);
}

function depth(path: string): number {
  return path.split('.').length;
}

function underAnotherName(path: string): Found | undefined {
  const [other, ...more] = pathsEndingWith(path, [...OTHER_NAMES.keys()]);
  const ours = OTHER_NAMES.get(other ?? '');
  if (ours === undefined || more.some((name) => OTHER_NAMES.get(name) !== ours)) return undefined;
  return field(ours, `${path} is another dialect's name: here it is ${ours}`);
}

function none(path: string): Found {
  const parts = path.split('.');
  const parent = parts.length === 1 ? undefined : fieldAt(parts.slice(0, -1));
  const home = parent?.node ?? ROOT;
  const service = resolveNode(ROOT.properties?.['services'] ?? {});
  if ((parent === undefined ? service : home)['x-not-yet']?.includes(lastWord(path)) === true)
    return { kind: 'none', why: `${path} is not supported yet` };
  const near = nearest(path, parent);
  if (near !== undefined)
    return { kind: 'none', why: `there is no field ${path}, did you mean ${near}?`, near };
  const names = childrenOf(home).map(([name]) => name);
  const where = parent === undefined ? 'the manifest' : parent.path;
  const has = names.length === 0 ? 'has no keys of its own' : `has ${names.join(', ')}`;
  return { kind: 'none', why: `there is no field ${path}: ${where} ${has}` };
}

/** Among the parent's keys and what others call them first, then among the last words of all paths. */
function nearest(path: string, parent: Field | undefined): string | undefined {
  const last = lastWord(path);
  const home = parent === undefined ? '' : `${parent.path}.`;
  const names = childrenOf(parent?.node ?? ROOT).map(([name]) => name);
  const others = [...OTHER_NAMES.keys()]
    .filter((other) => other === `${home}${lastWord(other)}`)
    .map(lastWord);
  const sibling = suggestWord(last, names) ?? suggestWord(last, others);
  if (sibling !== undefined) return OTHER_NAMES.get(`${home}${sibling}`) ?? `${home}${sibling}`;
  const paths = allPaths();
  const word = suggestWord(last, paths.map(lastWord));
  return paths.find((known) => lastWord(known) === word);
}

function lastWord(path: string): string {
  return path.split('.').at(-1) ?? path;
}
