/** Whether what runs under a stack's name was made from another folder: two folders would take each other's services away. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../reconcilers/docker/engine.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { isOtherFolder, placeOf } from '../../reconcilers/notes-home.js';
import type { ObservedContainer } from '../../reconcilers/observed/world.js';
import { HOME_LABEL } from '../../reconcilers/plan/container-template.js';
import { readStatus } from '../status/status-document.js';
import { containersOf } from './containers-of.js';
import { knownStack } from './known-stack.js';
import { refuseFor, type Objection } from './objection.js';
import type { StackPaths } from './paths.js';

interface Place {
  readonly engine: Pick<Engine, 'listContainers' | 'inspectContainer'>;
  readonly paths: Pick<StackPaths, 'stateDir' | 'status'>;
}

type Wish = Pick<StackSpec, 'name' | 'services'>;

/** Throws in words, before anything is written, where this folder is not the one that the stack is run from. */
export async function refuseOtherHome(place: Place, stack: Wish): Promise<void> {
  refuseFor(await otherHome(place, stack));
}

/** Undefined where it is run from here, as far as anybody can tell, or does not run. */
export async function otherHome(place: Place, stack: Wish): Promise<Objection | undefined> {
  const containers = await containersOf(place.engine, stack.name);
  const home = await otherHomeOf(containers, place.paths.stateDir, stack.name);
  if (home !== undefined) return { found: foundWords(stack.name, home), cure: homeCure(stack.name, home) };
  const strangers = (await wasNeverHere(place.paths, stack.name))
    ? await strangersOf(containers, stack, place.paths.stateDir)
    : [];
  return strangers.length === 0 ? undefined : strangersWords(stack.name, strangers);
}

/** Throws where another folder looks after the stack: what is there is that one's to take away. */
export async function refuseOthersStack({ engine, paths }: Place, stack: string): Promise<void> {
  const home = await otherHomeOf(await containersOf(engine, stack), paths.stateDir, stack);
  if (home === undefined) return;
  const cure = `tear it down there, or remove those notes first where nobody uses them (rm -r ${home})`;
  refuseFor({ found: foundWords(stack, home), cure });
}

/** A folder that is gone, was moved, or has other notes by now looks after nothing. */
async function otherHomeOf(
  containers: readonly ObservedContainer[],
  stateDir: string,
  stack: string,
): Promise<string | undefined> {
  const homes = new Set(containers.flatMap(({ config }) => config.labels[HOME_LABEL] ?? []));
  for (const home of homes) {
    const isOther = await isOtherFolder(home, stateDir);
    if (isOther && (await knownStack(home))?.name === stack) return home;
  }
  return undefined;
}

/** No controller ever opened this folder's notes, and none wrote its status: nothing was lost. */
async function wasNeverHere({ stateDir, status }: Place['paths'], stack: string): Promise<boolean> {
  if (['state.json', 'tokens.json'].some((file) => existsSync(join(stateDir, file)))) return false;
  const read = await readStatus(status);
  return read.kind !== 'status' || read.status.stack !== stack;
}

/** Of services that the manifest does not have, and not made from this folder. */
async function strangersOf(
  containers: readonly ObservedContainer[],
  { services }: Wish,
  stateDir: string,
): Promise<readonly ObservedContainer[]> {
  const here = await placeOf(stateDir);
  const wanted = new Set<string | undefined>(services.map(({ name }) => name));
  return containers.filter(
    ({ role, service, config }) =>
      role === 'service' && !wanted.has(service) && config.labels[HOME_LABEL] !== here,
  );
}

function foundWords(stack: string, home: string): string {
  return `stack ${stack} is run from another folder, whose notes are in ${home}`;
}

function homeCure(stack: string, home: string): string {
  return `give this manifest another name (as "name: ${stack}-2") and ports of its own; where stack ${stack} is to go on from here, remove those notes (rm -r ${home})`;
}

function strangersWords(stack: string, strangers: readonly ObservedContainer[]): Objection {
  const services = [...new Set(strangers.map(({ service = '' }) => service))].sort().join(', ');
  const names = strangers.map(({ name }) => name).sort();
  return {
    found: `a stack ${stack} runs that was made from elsewhere: this folder has no notes of it, and the manifest does not have its ${services}`,
    cure: `give this manifest another name (as "name: ${stack}-2") and ports of its own; where it is this stack, its notes are lost: remove what is not wanted any more by hand (docker rm -f ${names.join(' ')})`,
  };
}
