/**
 * A folder of policies as a value: its files, what OPA is given of them, the domains to ask and the revision that names all of it.
 * Refuses what would be ignored in silence (a misnamed data file) or would take over OPA itself (package `system`), and a folder
 * that decides nothing.
 */
import { createHash } from 'node:crypto';
import type { Question } from '../plan/steps.js';
import { checkJson } from './check-json.js';
import { checkUtf8 } from './check-utf8.js';
import { refuseClashes } from './data-clashes.js';
import { questionsOf } from './domain-questions.js';
import type { FileMemory } from '../../controller/file-memory.js';
import { readPolicyFiles, type PolicyFile } from './policy-files.js';
import { PolicySetError } from './policy-set-error.js';
import { regoPackage } from './rego-package.js';
import { refuseStrangers } from './strange-packages.js';

/** Everything that decides, read at one moment. */
export interface PolicySet {
  /** SHA-256 (hex) of every path and content, tests included. */
  readonly revision: string;
  /** Sorted by path, tests included. */
  readonly files: readonly PolicyFile[];
  /** Sorted by name. */
  readonly domains: readonly Domain[];
}

/** Who answers `swiftdeploy.<name>.decision`, and to which questions. */
export interface Domain {
  readonly name: string;
  readonly questions: readonly Question[];
}

const DATA_FILE = /^data\.(?:json|ya?ml)$/;
const DATA_LIKE = /\.(?:json|ya?ml)$/;
const SCHEMA_FILE = /\.schema\.json$/;

/** Reads a policy folder; throws a `PolicySetError` that names the file. `known` is returned when it is what is there. */
export async function readPolicySet(dir: string, known?: PolicySet, memory?: FileMemory): Promise<PolicySet> {
  const files = await readPolicyFiles(dir, isWanted, memory);
  return known?.revision === revisionOf(files) ? known : decidingSetOf(files);
}

/** A folder that was emptied must not take over from policies that decide. */
function decidingSetOf(files: readonly PolicyFile[]): PolicySet {
  const set = policySetOf(files);
  if (set.domains.length > 0) return set;
  throw new PolicySetError(
    'no-domain',
    '',
    'the policy folder has no domain: a domain is a folder with a .rego file that is no test',
  );
}

/** The set made of these files; throws a `PolicySetError` for one that OPA must not be given. */
export function policySetOf(files: readonly PolicyFile[]): PolicySet {
  for (const file of files) refuse(file);
  refuseStrangers(files.filter(isServedRego));
  refuseClashes(files.filter(({ path }) => DATA_FILE.test(baseName(path))));
  return { revision: revisionOf(files), files, domains: domainsOf(files) };
}

/** Tests are checked, never served. */
export function isTestFile(path: string): boolean {
  return path.endsWith('_test.rego');
}

function isServedRego({ path }: PolicyFile): boolean {
  return path.endsWith('.rego') && !isTestFile(path);
}

/** OPA's bundles read `.rego` and `data.json|yaml|yml` only; JSON under other names is kept so that it can be refused. */
function isWanted(path: string): boolean {
  const name = baseName(path);
  return name.endsWith('.rego') || (DATA_LIKE.test(name) && !SCHEMA_FILE.test(name));
}

function refuse(file: PolicyFile): void {
  if (topFolder(file.path) === 'system') throw reserved(file.path);
  if (file.path.endsWith('.rego')) return refuseRego(file);
  if (DATA_FILE.test(baseName(file.path))) return refuseData(file);
  // Thresholds that nobody loads make a rule undefined, and a policy that counts violations then allows everything.
  throw new PolicySetError(
    'not-loaded',
    file.path,
    'OPA loads data from data.json or data.yaml only: rename or move it',
  );
}

function refuseData(file: PolicyFile): void {
  checkUtf8(file);
  const { path, content } = file;
  if (path.endsWith('.json')) checkJson(path, content.toString('utf8'));
}

function refuseRego(file: PolicyFile): void {
  checkUtf8(file);
  const name = regoPackage(file.content.toString('utf8'));
  if (name === undefined)
    throw new PolicySetError('no-package', file.path, 'a Rego file begins with `package NAME`');
  if (name[0] === 'system') throw reserved(file.path);
}

function reserved(path: string): PolicySetError {
  return new PolicySetError(
    'reserved',
    path,
    'package `system` belongs to SwiftDeploy: it decides who may ask OPA',
  );
}

/** Lengths are hashed too, so that no two sets share a revision by moving bytes from one file to the next. */
function revisionOf(files: readonly PolicyFile[]): string {
  const hash = createHash('sha256');
  for (const { path, content } of files) {
    hash.update(`${Buffer.byteLength(path)}:${path}:${content.length}:`).update(content);
  }
  return hash.digest('hex');
}

/** A folder is a domain whatever package its files name: a misspelt one is asked, is undefined, and so denies. */
function domainsOf(files: readonly PolicyFile[]): Domain[] {
  const rego = files.filter(isServedRego);
  const names = new Set(rego.flatMap((file) => topFolder(file.path) ?? domainOfLooseFile(file)));
  return [...names].sort().map((name) => {
    const own = rego.filter((file) => isPackageOf(file, name));
    return { name, questions: questionsOf(name, own) };
  });
}

/** It is the package that is asked, and none below it. */
export function isPackageOf(file: PolicyFile, domain: string): boolean {
  const name = regoPackage(file.content.toString('utf8'));
  return name?.length === 2 && name[0] === 'swiftdeploy' && name[1] === domain;
}

/** Older tools keep `policies/infrastructure.rego` without a folder of its own. */
function domainOfLooseFile(file: PolicyFile): string[] {
  const name = regoPackage(file.content.toString('utf8'));
  return name?.[0] === 'swiftdeploy' && name[1] !== undefined ? [name[1]] : [];
}

function topFolder(path: string): string | undefined {
  const end = path.indexOf('/');
  return end === -1 ? undefined : path.slice(0, end);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
