/** Which lines of a policy set its tests reach, from what `opa eval --coverage` printed. Pure. */
import { asObject, parseJson, type JsonObject } from './json-value.js';
import { BUNDLE_DIR } from './policy-bundle.js';
import type { PolicySet } from './policy-set.js';

/** How much of one file its tests reach. */
export interface FileCoverage {
  /** Path inside the policy folder. */
  readonly file: string;
  readonly covered: number;
  readonly notCovered: number;
  /** First and last row of each stretch that no test reaches. */
  readonly gaps: readonly (readonly [number, number])[];
}

/**
 * For the files of the set; undefined for what is no report. OPA names a bundle's file twice: where it was loaded from, and, for what
 * no test reached, after the bundle's folder once more.
 */
export function readCoverage(output: string, { files }: PolicySet): readonly FileCoverage[] | undefined {
  const coverage = asObject(asObject(parseJson(Buffer.from(output)))?.coverage);
  const reported = asObject(coverage?.files);
  if (reported === undefined) return undefined;
  const known = new Set(files.map(({ path }) => path));
  const parts = Object.entries(reported).map(([path, facts]) => ({
    file: fileOf(path, known),
    facts: asObject(facts) ?? {},
  }));
  return [...known].flatMap((file) => {
    const own = parts.filter((part) => part.file === file).map(({ facts }) => facts);
    return own.length === 0 ? [] : [fileCoverage(file, own)];
  });
}

function fileOf(path: string, known: ReadonlySet<string>): string | undefined {
  const once = path.replace(PREFIX, '');
  return [once, `/${once}`.replace(PREFIX, '')].find((file) => known.has(file));
}

const PREFIX = new RegExp(`^${BUNDLE_DIR}/`);

function fileCoverage(file: string, parts: readonly JsonObject[]): FileCoverage {
  const sum = (key: string) => parts.reduce((total, part) => total + count(part[key]), 0);
  const gaps = gapsOf(parts.flatMap(({ not_covered: ranges }) => (Array.isArray(ranges) ? ranges : [])));
  return { file, covered: sum('covered_lines'), notCovered: sum('not_covered_lines'), gaps };
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function gapsOf(ranges: readonly unknown[]): FileCoverage['gaps'] {
  const found = ranges.map((range) => [rowOf(asObject(range)?.start), rowOf(asObject(range)?.end)] as const);
  const gaps: (readonly [number, number])[] = [];
  for (const [first, last] of found.sort(([a], [b]) => a - b)) {
    const before = gaps.at(-1);
    if (before === undefined || first > before[1] + 1) gaps.push([first, last]);
    else gaps[gaps.length - 1] = [before[0], Math.max(before[1], last)];
  }
  return gaps;
}

function rowOf(place: unknown): number {
  return count(asObject(place)?.row);
}
