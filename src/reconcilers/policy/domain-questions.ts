/**
 * Which questions a domain wants to be asked: `custom: {questions: […]}` in the METADATA of its package or of its `decision` rule.
 * Pure; throws a `PolicySetError` with file, row and column for what cannot be meant.
 */
import { suggestWord } from '../desired/suggest-word.js';
import { QUESTIONS, type Question } from '../plan/steps.js';
import { asObject, type JsonObject } from './json-value.js';
import type { PolicyFile } from './policy-files.js';
import { readMetadata, refusedMetadata as refused } from './metadata-yaml.js';
import { metadataBlocks, type MetadataBlock } from './rego-metadata.js';

/** Policies of older tools declare nothing and would not know what to say to the rest. */
const OLDER_TOOLS: Readonly<Record<string, readonly Question[]>> = {
  infrastructure: ['deploy', 'replace', 'heal', 'start_canary', 'promote', 'rollback', 'remove'],
  canary: ['promote', 'analyse'],
};

/** A new domain must not become one that lets people overrule the others. */
const UNDECLARED = QUESTIONS.filter((question) => question !== 'override');

/** In the order of `QUESTIONS`; all of them but `override` where none are declared. `files`: those of the domain's own package. */
export function questionsOf(domain: string, files: readonly PolicyFile[]): readonly Question[] {
  const declared = files.flatMap((file) =>
    metadataBlocks(file.content.toString('utf8'))
      .filter(({ subject }) => subject !== 'other')
      .flatMap((block) => declaredIn(file.path, block)),
  );
  if (declared.length > 0) return QUESTIONS.filter((question) => declared.includes(question));
  return (Object.hasOwn(OLDER_TOOLS, domain) ? OLDER_TOOLS[domain] : undefined) ?? UNDECLARED;
}

function declaredIn(path: string, block: MetadataBlock): readonly Question[] {
  const { value, placeOf, keyPlaceOf } = readMetadata(path, block);
  const annotations = asObject(value) ?? {};
  const { custom } = annotations;
  if (custom === undefined) {
    const misplaced = keyLike(annotations, ['custom', 'questions']);
    if (misplaced === undefined) return [];
    throw refused(path, keyPlaceOf([], misplaced), readByNobody(misplaced, 'custom: {questions: […]}'));
  }
  const fields = asObject(custom);
  if (fields === undefined)
    throw refused(path, placeOf('custom'), '`custom` is a map, as `custom: {questions: [deploy]}`');
  const { questions } = fields;
  if (questions === undefined) {
    const misspelt = keyLike(fields, ['questions']);
    if (misspelt === undefined) return [];
    throw refused(path, keyPlaceOf(['custom'], misspelt), readByNobody(misspelt, 'questions'));
  }
  if (!Array.isArray(questions) || questions.length === 0)
    throw refused(path, placeOf('custom', 'questions'), NO_LIST);
  return questions.map((name: unknown, index) => {
    const question = QUESTIONS.find((known) => known === name);
    if (question !== undefined) return question;
    throw refused(path, placeOf('custom', 'questions', index), unknownQuestion(name));
  });
}

const ALL = QUESTIONS.join(', ');
const NO_LIST = `\`questions\` is a list of questions (${ALL}); without it all but override are asked`;

function unknownQuestion(name: unknown): string {
  return `${JSON.stringify(name)} is no question; there are ${ALL}`;
}

function keyLike(map: JsonObject, words: readonly string[]): string | undefined {
  return Object.keys(map).find((key) => suggestWord(key, words) !== undefined);
}

function readByNobody(key: string, meant: string): string {
  return `${JSON.stringify(key)} is read by nobody, and the domain would be asked everything: did you mean \`${meant}\`?`;
}
