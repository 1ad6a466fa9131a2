/** The reporters on the real stderr. */
import type { LevelWithSilent } from 'pino';
import { JsonReporter } from './json-reporter.js';
import { PeopleReporter } from './people-reporter.js';
import type { Reporter } from './reporter.js';
import { paintFor, talk } from '../basics/talk.js';

/** Lines for people. */
export function peopleReporter(): Reporter {
  return new PeopleReporter({ say: talk, paint: paintFor(process.stderr) });
}

/** JSON lines, written at once: a crash loses none. Their library is loaded by whoever wants them. */
export async function jsonReporter(level: LevelWithSilent): Promise<Reporter> {
  const { destination, pino } = await import('pino');
  return new JsonReporter(pino({ level }, destination({ fd: 2, sync: true })));
}
