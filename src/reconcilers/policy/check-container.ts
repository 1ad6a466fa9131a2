/** Tries a policy set in throw-away containers of the stack's own OPA image: `opa check --strict`, then `opa test`. */
import type { ContainerFile, Engine } from '../docker/engine.js';
import { FALLBACK_USER, LABEL, type ContainerTemplate } from '../plan/container-template.js';
import {
  opaCheckArgs,
  opaTestArgs,
  parseCheckOutput,
  parseTestOutput,
  type CommandOutput,
  type PolicyProblem,
} from './check-policies.js';
import { BUNDLE_DIR, policyCheckBundle } from './policy-bundle.js';
import type { PolicyFile } from './policy-files.js';
import type { PolicySet } from './policy-set.js';

const CHECK_TIMEOUT_MS = 15_000;
const LOG_LINES = 10_000;
const PIDS = 256;
/** OPA needs far less for its own tests; a set that needs more has gone wild. */
const MEMORY_BYTES = 512 * 1024 * 1024;

export interface CheckPlace {
  readonly engine: Engine;
  readonly stack: string;
  readonly image: string;
}

/** Undefined when the image is not there yet. */
export async function checkInContainer(
  place: CheckPlace,
  set: PolicySet,
): Promise<readonly PolicyProblem[] | undefined> {
  if ((await place.engine.inspectImage(place.image)) === undefined) return undefined;
  const files = bundleFiles(policyCheckBundle(set));
  const [checked, tested] = await Promise.all([
    runOpa(place, { name: `${place.stack}-check-a`, args: opaCheckArgs(), files }),
    runOpa(place, { name: `${place.stack}-check-b`, args: opaTestArgs(), files }),
  ]);
  const syntax = parseCheckOutput(checked);
  return syntax.length > 0 ? syntax : parseTestOutput(tested);
}

/** Policy files where an OPA container expects its bundle. */
export function bundleFiles(files: readonly PolicyFile[]): ContainerFile[] {
  return files.map(({ path, content }) => ({ path: `${BUNDLE_DIR}/${path}`, content, mode: 0o644, uid: 0 }));
}

interface Run {
  readonly name: string;
  readonly args: readonly string[];
  readonly files: readonly ContainerFile[];
}

async function runOpa(
  { engine, stack, image }: CheckPlace,
  { name, args, files }: Run,
): Promise<CommandOutput> {
  await engine.removeContainer(name);
  const id = await engine.createContainer(checkTemplate(stack, image, { name, args }));
  try {
    await engine.putFiles(id, files);
    await engine.startContainer(id);
    const exitCode = await engine.wait(id, AbortSignal.timeout(CHECK_TIMEOUT_MS));
    const output = (await engine.logs(id, LOG_LINES)).join('\n');
    return { stdout: output, stderr: output, exitCode };
  } finally {
    await engine.removeContainer(id);
  }
}

function checkTemplate(
  stack: string,
  image: string,
  { name, args }: Pick<Run, 'name' | 'args'>,
): ContainerTemplate {
  return {
    name,
    role: 'check',
    image,
    pull: 'missing',
    user: FALLBACK_USER,
    command: args,
    env: {},
    labels: { [LABEL.stack]: stack, [LABEL.role]: 'check' },
    mounts: [],
    tmpfs: [],
    readOnly: false,
    capAdd: [],
    pids: PIDS,
    memoryBytes: MEMORY_BYTES,
    restartPolicy: 'no',
    stopGraceMs: 0,
    publish: [],
    network: 'none',
    aliases: [],
  };
}
