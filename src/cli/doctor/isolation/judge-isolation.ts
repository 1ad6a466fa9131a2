/** From what was answered to the finding: who could read, write or decide, and on which way. Pure. */
import { counted } from '../../audit/words.js';
import { fail, joined, ok, skipped, type Finding } from '../../checks/finding.js';
import { isBreach, requestWords, type Said, type Way } from './requests.js';

/** What one place saw; a text says why it could not look. */
export interface Seen {
  readonly name: string;
  readonly said: readonly Said[] | string;
}

const CURE =
  'the policy engine belongs on its own network alone, published on 127.0.0.1: see who else is on it (docker network inspect), disconnect that, then "swiftdeploy deploy"';

export function judgeIsolation(seen: readonly Seen[]): Finding {
  const items = seen.flatMap(viewFindings);
  const said = seen.flatMap(({ said: all }) => (typeof all === 'string' ? [] : all));
  const breaches = items.filter(({ result }) => result === 'fail').length;
  const places = seen.map(({ name }) => name).join(', ');
  if (breaches > 0)
    return joined(`the policy engine answers who must not be answered: ${counted(breaches, 'way')}`, items);
  const ways = new Set(said.map(({ way }) => way));
  return joined(
    `nothing to read, to write or to decide without the token: ${counted(said.length, 'request')} on ${counted(ways.size, 'way')}, from ${places}`,
    items,
  );
}

function viewFindings({ name, said }: Seen): readonly Finding[] {
  if (typeof said === 'string') return [skipped(`from ${name}: ${said}`)];
  const breaches = said.filter(isBreach);
  const firsts = breaches.filter(
    ({ way }, index) => breaches.findIndex((each) => each.way === way) === index,
  );
  if (firsts.length === 0) return [ok(`from ${name}: ${waysWords(said)}`)];
  return firsts.map((first) => {
    const count = breaches.filter(({ way }) => way === first.way).length;
    return breachFinding(name, first, count);
  });
}

/** The first of `count` on this way. */
function breachFinding(name: string, { way, request, status }: Said, count: number): Finding {
  const more = count === 1 ? '' : ` (and ${String(count - 1)} more)`;
  const words = `${requestWords(request)} was answered ${String(status)}${more}`;
  return fail(`from ${name}, ${way.words} (${way.url}): ${words}`, CURE);
}

/** `by its name, by its address: not reachable; through nginx: only applications answer`. */
function waysWords(said: readonly Said[]): string {
  const ways = [...new Set(said.map(({ way }) => way))];
  const isReached = (way: Way) => said.some((each) => each.way === way && each.status !== 0);
  const groups = [
    { words: 'not reachable', ways: ways.filter((way) => !isReached(way)) },
    {
      words: 'reachable, and refuses everything',
      ways: ways.filter((way) => way.kind === 'direct' && isReached(way)),
    },
    { words: 'only what is public', ways: ways.filter((way) => way.kind === 'public' && isReached(way)) },
  ];
  return groups
    .filter((group) => group.ways.length > 0)
    .map((group) => `${[...new Set(group.ways.map(({ words }) => words))].join(', ')}: ${group.words}`)
    .join('; ');
}
