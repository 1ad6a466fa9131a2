/** The rule that a value broke, as a sentence: one entry per JSON Schema keyword that the manifest's schema uses. */
import type { AnySchemaObject, ErrorObject } from 'ajv';
import type { ManifestNode, ScalarNode } from './manifest-tree.js';
import { isSecret } from './show-value.js';
import { suggestWord } from './suggest-word.js';

type Sentence = (error: ErrorObject, node: ManifestNode) => string;

const SENTENCES: Readonly<Record<string, Sentence>> = {
  type: (error, node) => typeSentence(error, node),
  enum: (error) => enumSentence(error.params['allowedValues'] as readonly string[]),
  minimum: (error) => `must be >= ${error.params['limit']}${cureBelow(error)}`,
  maximum: (error) => `must be <= ${error.params['limit']}`,
  minLength: () => 'must not be empty',
  maxLength: (error) => `must have at most ${error.params['limit']} characters`,
  minItems: () => 'must not be empty',
  uniqueItems: (error) => `has the same item twice: [${error.params['j']}] and [${error.params['i']}]`,
};

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a mapping',
  array: 'a list',
  null: 'empty',
};

/** The broken rule; what the schema says itself (`x-rule`, or a keyword of ours) comes first. */
export function ruleInWords(error: ErrorObject, node: ManifestNode): string {
  if (node.kind === 'scalar' && node.value === null && error.keyword === 'type') {
    return `has no value: write one, or remove the key; it ${wantedInstead(error)}`;
  }
  const sentence = SENTENCES[error.keyword];
  if (sentence !== undefined) return sentence(error, node);
  const own = error.parentSchema?.['x-rule'] as string | undefined;
  if (error.keyword.startsWith('x-')) return error.message ?? 'is not valid';
  if (error.keyword === 'not') return own ?? 'is a name that Docker keeps for itself';
  if (error.keyword === 'pattern' && own !== undefined) return `${own}${strangerIn(node, error)}`;
  return own ?? error.message ?? 'is not valid';
}

function typeSentence(error: ErrorObject, node: ManifestNode): string {
  const own = error.parentSchema?.['x-rule'] as string | undefined;
  const types = typesOf(error);
  const isNumberAsText = node.kind === 'scalar' && typeof node.value === 'string' && isNumeric(node.value);
  if (isNumberAsText && types.includes('integer')) return 'must be a number: write it without quotes';
  const isTextWanted = types.length === 1 && types[0] === 'string' && node.kind === 'scalar';
  if (isTextWanted && typeof node.value !== 'string') return quoteSentence(node);
  const isOther = node.kind !== 'scalar' || types.length > 1 || types.includes('object');
  if (own !== undefined && isOther) return own;
  return typesInWords(types);
}

/** What to do instead of going below, where the schema says it. */
function cureBelow({ parentSchema }: ErrorObject): string {
  const cure = parentSchema?.['x-below'] as string | undefined;
  return cure === undefined ? '' : `; ${cure}`;
}

/** What has to stand where nothing does. */
function wantedInstead(error: ErrorObject): string {
  const { enum: allowed, 'x-rule': own } = error.parentSchema as AnySchemaObject;
  if (allowed !== undefined) return enumSentence(allowed as readonly string[]);
  return (own as string | undefined) ?? typesInWords(typesOf(error));
}

function typesOf({ params }: ErrorObject): readonly string[] {
  return [params['type'] as string | readonly string[]].flat();
}

function typesInWords(types: readonly string[]): string {
  return `must be ${types.map((type) => TYPES[type] ?? type).join(' or ')}`;
}

/** The first character that is not in the schema's `x-characters`, a range of characters as a pattern has them. */
function strangerIn(node: ManifestNode, { parentSchema }: ErrorObject): string {
  const allowed = parentSchema?.['x-characters'] as string | undefined;
  if (allowed === undefined || node.kind !== 'scalar') return '';
  const stranger = new RegExp(`[^${allowed}]`, 'u').exec(node.text)?.[0];
  return stranger === undefined ? '' : `; ${JSON.stringify(stranger)} is none of them`;
}

/** The allowed word that was probably meant, for a value out of a fixed set. */
export function nearestAllowed(error: ErrorObject, node: ManifestNode): string | undefined {
  const isWord = error.keyword === 'enum' && node.kind === 'scalar' && typeof node.value === 'string';
  return isWord ? suggestWord(node.text, error.params['allowedValues'] as readonly string[]) : undefined;
}

/** YAML reads 1.0 as a number, and 1.10 as 1.1: only quotes keep it as written. */
function quoteSentence({ value, text, path }: ScalarNode): string {
  const kind = typeof value === 'number' ? 'a number' : 'true or false';
  const example = isSecret(path) ? '' : `, "${text.slice(0, 60)}"`;
  return `must be text, but YAML reads ${kind}: put it in quotes${example}`;
}

function enumSentence(allowed: readonly string[]): string {
  return allowed.length === 1 ? `must be ${allowed[0]}` : `must be one of ${allowed.join(', ')}`;
}

function isNumeric(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}
