/** `swiftdeploy explain`: what a key of the manifest, a condition or an event means, from the schema and the tables that decide. */
import type { Command } from 'commander';
import { declare, type Finish } from './basics/command.js';
import { CommandError, EXIT } from './basics/exit.js';
import { outputOption, type OutputForm } from './basics/options.js';
import { paintFor, print, talk } from './basics/talk.js';
import { fieldDoc, type FieldDoc } from './explain/field-doc.js';
import { fieldPage, fieldTree, type PageOptions } from './explain/field-page.js';
import { findField } from './explain/find-field.js';
import { reasonWords } from './explain/reason-words.js';
import { ROOT } from './explain/schema-node.js';
import { topicPage } from './explain/topic-page.js';
import { findTopic, nearTopic } from './explain/topics.js';

export interface ExplainOptions {
  readonly recursive?: boolean;
  readonly output: OutputForm;
}

const MAX_WIDTH = 100;
const MIN_WIDTH = 30;
const PIPED_WIDTH = 80;

export function addExplain(program: Command, finish: Finish): void {
  const examples = ['explain services.health', 'explain --recursive', 'explain conditions.Ready'] as const;
  declare(program, 'explain', ...examples)
    .description('what a key of the manifest, a condition or an event means')
    .argument('[field...]', 'a key such as services.health.deadline; conditions, or events')
    .option('--recursive', 'the tree of all keys under it')
    .addOption(outputOption('a page'))
    .action((parts: readonly string[], options: ExplainOptions) => finish(explain(parts.join('.'), options)));
}

/** Returns the exit code. */
export function explain(asked: string, options: ExplainOptions): number {
  const topic = findTopic(asked);
  if (topic?.kind === 'none') throw new CommandError(topic.why);
  const page = { paint: paintFor(process.stdout), width: widthOf(process.stdout) };
  if (topic === undefined) printField(docOf(asked), options, page);
  else if (options.output === 'json') printJson(topic.docs);
  else print(topicPage(topic.docs, page));
  return EXIT.ok;
}

function docOf(asked: string): FieldDoc {
  if (asked === '') return fieldDoc({ path: '', node: ROOT, required: true });
  const found = findField(asked);
  if (found.kind === 'none')
    throw new CommandError(topicWords(asked, found.near) ?? reasonWords(asked) ?? found.why);
  if (found.note !== undefined) talk(found.note);
  return fieldDoc(found.field);
}

function topicWords(asked: string, rival: string | undefined): string | undefined {
  const near = nearTopic(asked, rival);
  return near === undefined
    ? undefined
    : `there is no field, condition or event ${asked}, did you mean ${near}?`;
}

function printField(doc: FieldDoc, { output, recursive }: ExplainOptions, page: PageOptions): void {
  if (output === 'json') printJson([doc]);
  else print(recursive === true ? fieldTree(doc, page) : fieldPage(doc, page));
}

function printJson(explained: readonly unknown[]): void {
  print(JSON.stringify({ explained }, null, 2));
}

/** A terminal that does not know its size says 0. */
function widthOf({ columns = 0 }: { readonly columns?: number }): number {
  return columns < MIN_WIDTH ? PIPED_WIDTH : Math.min(columns, MAX_WIDTH);
}
