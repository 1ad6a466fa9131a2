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
  const stacks = strangers(parts, around);
  const found = stacks.flatMap(([stack, ofStack]) => stackFindings(stack, ofStack));
  const items = [...(checks.length === 0 ? [] : [checkFinding(checks)]), ...found];
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

/** What runs serves: a stack does not need its controller for that, so nobody is told here how to destroy it. */
function stackFindings(stack: string, parts: readonly OwnedPart[]): readonly Finding[] {
  const held = heldWords(parts);
  const running = parts.filter((part) => part.running === true).length;
  if (running > 0) return [warn(`stack ${stack}: ${held}; ${String(running)} running`, SERVES)];
  const volumes = namesOf(parts, 'volume');
  const rest = parts.filter(({ what }) => what !== 'volume');
  return [
    ...(rest.length === 0
      ? []
      : [
          warn(
            `stack ${stack}: ${heldWords(rest)}; nothing of it runs`,
            `if nobody needs it: ${cleanUp(rest)}`,
          ),
        ]),
    ...(volumes.length === 0 ? [] : [volumeFinding(stack, volumes)]),
  ];
}

const SERVES = 'it serves without a controller: "swiftdeploy teardown" in its folder, if nobody needs it';

/** A line of its own: nothing else that is left cannot be made again. */
function volumeFinding(stack: string, volumes: readonly string[]): Finding {
  return warn(
    `stack ${stack}: ${counted(volumes, 'volume')}; its data is lost with what is removed`,
    `if nobody needs the data: docker volume rm ${volumes.join(' ')}`,
  );
}

function heldWords(parts: readonly OwnedPart[]): string {
  const kinds = (['container', 'network', 'volume'] as const).map((what) =>
    counted(namesOf(parts, what), what),
  );
  return kinds.filter((words) => words !== '').join(', ');
}

function cleanUp(parts: readonly OwnedPart[]): string {
  const command = (verb: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`docker ${verb} ${names.join(' ')}`];
  return [
    ...command('rm -f', namesOf(parts, 'container')),
    ...command('network rm', namesOf(parts, 'network')),
  ].join(' && ');
}

function namesOf(parts: readonly OwnedPart[], what: OwnedPart['what']): string[] {
  return parts
    .filter((part) => part.what === what)
    .map(({ name }) => name)
    .sort();
}

function counted(names: readonly string[], what: string): string {
  if (names.length === 0) return '';
  return names.length === 1 ? `${what} ${String(names[0])}` : `${String(names.length)} ${what}s`;
}
