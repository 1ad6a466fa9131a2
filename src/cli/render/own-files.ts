/** Which of the files under generated names are a person's: those are never replaced. Pure. */
import { OPA_FOLDER } from '../../reconcilers/render/compose-file.js';
import type { GeneratedFile } from '../../reconcilers/render/stack-files.js';
import { WRITTEN_BY } from '../../reconcilers/render/written-by.js';

/** As this project writes it for a bundle. */
const OUR_BUNDLE = /^\{"revision":"[0-9a-f]{64}","roots":\[""\]\}/;

/** Names in the folder; the policies say nothing about who wrote them, and belong to what stands beside them. */
export function strangersAmong(files: readonly GeneratedFile[]): readonly string[] {
  const isOurFolder = files.some(isMarked);
  const strangers = files.filter((file) => (isPolicy(file) ? !isOurFolder : !isMarked(file)));
  return [...new Set(strangers.map(entryOf))];
}

function isMarked(file: GeneratedFile): boolean {
  const { path, content } = file;
  if (path === `${OPA_FOLDER}/.manifest`) return OUR_BUNDLE.test(content.toString('utf8'));
  return path === entryOf(file) && content.toString('utf8').startsWith(WRITTEN_BY);
}

function isPolicy(file: GeneratedFile): boolean {
  return entryOf(file) === OPA_FOLDER;
}

function entryOf({ path }: GeneratedFile): string {
  return path.split('/')[0] ?? path;
}
