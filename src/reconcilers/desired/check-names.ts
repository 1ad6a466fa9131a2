/** Names on the stack's network: unique without regard to case, and short enough for the containers' host names. */
import type { ServiceNode } from './manifest-services.js';
import { itemsAt, mapAt, type MapNode } from './manifest-tree.js';
import { CONTAINER_NAME_EXTRA, LONGEST_CONTAINER_NAME, stackNameOf } from './stack-name.js';
import type { Place, ProblemLog } from './problem-log.js';

interface NetworkName {
  readonly name: string;
  readonly place: Place;
}

export function checkNames(tree: MapNode, services: readonly ServiceNode[], problems: ProblemLog): void {
  const taken = new Map<string, Place>();
  for (const { name, place } of namesOf(tree, services)) {
    const first = taken.get(name.toLowerCase());
    if (first === undefined) taken.set(name.toLowerCase(), place);
    else
      problems.error(
        place,
        `is a name that is taken: ${JSON.stringify(name)} is also at ${whereIs(first, problems)}`,
      );
  }
  for (const service of services) checkLength(stackNameOf(tree), service, problems);
}

/** An alias that repeats its own service's name, as `container_name` often does, clashes with nobody. */
function namesOf(tree: MapNode, services: readonly ServiceNode[]): NetworkName[] {
  const own = services.map(({ name, namePlace }) => ({ name, place: namePlace }));
  const aliases = services.flatMap(({ name, node }) =>
    aliasesOf(node).filter((alias) => alias.name.toLowerCase() !== name.toLowerCase()),
  );
  return [...own, ...aliases, ...aliasesOf(mapAt(tree, 'nginx'))];
}

function aliasesOf(part: MapNode | undefined): NetworkName[] {
  return itemsAt(part, 'aliases').flatMap((item) =>
    item.kind === 'scalar' && typeof item.value === 'string' ? [{ name: item.value, place: item }] : [],
  );
}

function checkLength(
  stack: string | undefined,
  { name, namePlace }: ServiceNode,
  problems: ProblemLog,
): void {
  if (stack === undefined) return;
  const room = LONGEST_CONTAINER_NAME - CONTAINER_NAME_EXTRA - stack.length;
  if (name.length <= room) return;
  const reason = `container names start with the stack's and the service's name, and a host name has ${LONGEST_CONTAINER_NAME}`;
  problems.error(
    namePlace,
    `is too long for the stack ${stack}: at most ${Math.max(room, 0)} characters (${reason})`,
  );
}

function whereIs(place: Place, problems: ProblemLog): string {
  return `${place.path} (line ${problems.lines.linePos(place.offset).line})`;
}
