/** Parts on the engine that nobody looks after any more: of other stacks without a controller, and of checks that were cut off. Pure. */
import type { OwnedPart } from '../../reconcilers/docker/engine.js';
import { joined, ok, warn, type Finding } from '../checks/finding.js';

export interface Surroundings {
  /** The stack of the manifest at hand. */
  readonly own: string | undefined;
  /** Stacks that a controller on this machine has. */
  readonly controlled: ReadonlySet<string>;
  /** By the engine's clock, epoch milliseconds. */
  readonly now: number;
}

/** A check takes seconds. */
const CHECK_IS_DEAD_MS = 5 * 60_000;

export function judgeLeftovers(parts: readonly OwnedPart[], around: Surroundings): Finding {
  const checks = parts.filter((part) => part.role === 'check' && isOld(part, around.now));
  const stacks = strangers(parts, around).map(([stack, ofStack]) => stackFinding(stack, ofStack));
  const items = [...(checks.length === 0 ? [] : [checkFinding(checks)]), ...stacks];
  if (items.length === 0) return ok('nothing of other stacks without a controller');
  const count = stacks.length === 1 ? '1 other stack has' : `${String(stacks.length)} other stacks have`;
  return joined(
    stacks.length === 0 ? 'checks that were cut off' : `${count} no controller on this machine`,
    items,
  );
}

/** Other stacks that nobody controls, by name. */
export function strangers(
  parts: readonly OwnedPart[],
  { own, controlled }: Pick<Surroundings, 'own' | 'controlled'>,
): readonly (readonly [string, readonly OwnedPart[]])[] {
  const kept = parts.filter(({ stack, role }) => role !== 'check' && stack !== own && !controlled.has(stack));
  const names = [...new Set(kept.map(({ stack }) => stack))].sort();
  return names.map((name) => [name, kept.filter(({ stack }) => stack === name)]);
}

function isOld({ createdAt }: OwnedPart, now: number): boolean {
  return createdAt !== undefined && now - createdAt > CHECK_IS_DEAD_MS;
}

function checkFinding(checks: readonly OwnedPart[]): Finding {
  const names = namesOf(checks, 'container');
  return warn(
    `containers of checks that were cut off: ${names.join(', ')}`,
    `docker rm -f ${names.join(' ')}`,
  );
}

/** It may still serve: a stack does not need its controller for that, so this is a question, never a verdict. */
function stackFinding(stack: string, parts: readonly OwnedPart[]): Finding {
  const [containers, networks, volumes] = (['container', 'network', 'volume'] as const).map((what) =>
    namesOf(parts, what),
  );
  const running = parts.filter((part) => part.running === true).length;
  const held = [counted(containers, 'container'), counted(networks, 'network'), counted(volumes, 'volume')];
  const serving = running === 0 ? 'nothing of it runs' : `${String(running)} running`;
  return warn(
    `stack ${stack}: ${held.filter((words) => words !== '').join(', ')}; ${serving}`,
    `if nobody needs it: ${cleanUp(containers, networks, volumes)}`,
  );
}

function cleanUp(
  containers: readonly string[] = [],
  networks: readonly string[] = [],
  volumes: readonly string[] = [],
): string {
  const command = (verb: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`docker ${verb} ${names.join(' ')}`];
  const all = [
    ...command('rm -f', containers),
    ...command('network rm', networks),
    ...command('volume rm', volumes),
  ];
  const data = volumes.length === 0 ? '' : ' (the data in its volumes goes with them)';
  return `${all.join(' && ')}${data}`;
}

function namesOf(parts: readonly OwnedPart[], what: OwnedPart['what']): string[] {
  return parts
    .filter((part) => part.what === what)
    .map(({ name }) => name)
    .sort();
}

function counted(names: readonly string[] = [], what: string): string {
  if (names.length === 0) return '';
  return names.length === 1 ? `${what} ${String(names[0])}` : `${String(names.length)} ${what}s`;
}
