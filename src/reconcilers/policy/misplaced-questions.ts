/** `custom.questions` on a rule other than `decision`: nobody reads it there, and its author believes that it counts. Pure. */
import type { PolicyProblem } from './check-policies.js';
import { asObject } from './json-value.js';
import { readMetadata } from './metadata-yaml.js';
import type { PolicyFile } from './policy-files.js';
import { PolicySetError } from './policy-set-error.js';
import { isTestFile, type PolicySet } from './policy-set.js';
import { metadataBlocks, type MetadataBlock } from './rego-metadata.js';

/** A warning for each: the domain is asked by what its package and its `decision` say. */
export function misplacedQuestions({ files }: Pick<PolicySet, 'files'>): readonly PolicyProblem[] {
  const rego = files.filter(({ path }) => path.endsWith('.rego') && !isTestFile(path));
  return rego.flatMap((file) =>
    metadataBlocks(file.content.toString('utf8'))
      .filter(({ subject }) => subject === 'other')
      .flatMap((block) => misplaced(file, block)),
  );
}

function misplaced({ path: file }: PolicyFile, block: MetadataBlock): readonly PolicyProblem[] {
  const place = placeOfQuestions(file, block);
  if (place === undefined) return [];
  return [
    {
      file,
      ...place,
      code: 'misplaced_questions',
      message:
        '`custom.questions` is read by nobody here: this METADATA is not that of the package or of `decision`',
      hint: 'move it above `package` or above the rule `decision`',
    },
  ];
}

/** What is no YAML is OPA's to tell. */
function placeOfQuestions(path: string, block: MetadataBlock) {
  try {
    const { value, keyPlaceOf } = readMetadata(path, block);
    const questions = asObject(asObject(value)?.custom)?.questions;
    return questions === undefined ? undefined : keyPlaceOf(['custom'], 'questions');
  } catch (error) {
    if (error instanceof PolicySetError) return undefined;
    throw error;
  }
}
