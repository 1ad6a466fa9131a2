/** Which question `policies explain` puts, and the facts that go with it. */
import { probeHost } from '../../probes/host.js';
import { formatProblem } from '../../reconcilers/desired/manifest-problem.js';
import type { ServiceSpec, StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { suggestWord } from '../../reconcilers/desired/suggest-word.js';
import type { Question } from '../../reconcilers/plan/steps.js';
import type { JsonObject } from '../../reconcilers/policy/json-value.js';
import { momentFacts } from '../../reconcilers/policy/moment.js';
import { policyInput } from '../../reconcilers/policy/policy-input.js';
import type { Domain, PolicySet } from '../../reconcilers/policy/policy-set.js';
import { withRealSources } from '../../reconcilers/policy/real-sources.js';
import { enginePlace } from '../basics/engine-place.js';
import { CommandError, EXIT } from '../basics/exit.js';
import { seenSource } from '../source/seen-source.js';
import { givenFacts } from './given-facts.js';
import type { NotedAsking } from './explanation.js';
import type { Trial } from './open-trial.js';
import type { PolicyPlace } from './policy-place.js';
import { questionNow } from './question-now.js';
import { waitingNow } from './waiting-now.js';

/** What a person says about the question. */
export interface Wish {
  readonly question?: Question;
  readonly service?: string;
  readonly input?: string;
}

export interface Ground {
  readonly domain: Domain;
  readonly place: PolicyPlace;
  readonly set: PolicySet;
  readonly trial: Trial;
}

/** From the manifest and this host, or about facts that a person gives. */
export async function askingOf(ground: Ground, options: Wish): Promise<NotedAsking> {
  return options.input === undefined
    ? askedNow(ground, options)
    : askedAbout(ground, options.input, options.question);
}

async function askedAbout(
  { domain, trial }: Ground,
  path: string,
  wanted: Question | undefined,
): Promise<NotedAsking> {
  const { name, facts } = await givenFacts(path, trial.session.stop);
  const question = wanted ?? questionIn(name, facts) ?? firstQuestion(domain);
  return { domain: domain.name, question, input: { ...facts, question }, notes: [] };
}

function questionIn(name: string, { question }: JsonObject): string | undefined {
  if (question === undefined || typeof question === 'string') return question;
  throw new CommandError(
    `${name}: question is ${JSON.stringify(question)}, and has to be a text as "deploy"`,
  );
}

/** As the gate would put it, on this host. */
async function askedNow({ domain, place, set, trial }: Ground, options: Wish): Promise<NotedAsking> {
  requireGood(place);
  const { session } = trial;
  const source = await seenSource(session.options, session.paths);
  const waiting = await waitingNow(session, source, set);
  const { stack } = waiting;
  const question = options.question ?? firstQuestion(domain);
  const spec = serviceOf(stack, options.service);
  const { about, notes } = questionNow(question, spec, waiting);
  const [host, placed] = await Promise.all([probeHost(enginePlace(session)), withRealSources(about)]);
  const facts = {
    ...placed,
    ...momentFacts({ source: () => source.revision }),
    stack: stack.name,
    host,
    limits: stack.limits,
  };
  return { domain: domain.name, question, input: policyInput(domain.name, facts), notes };
}

/** With the places of what is wrong in it. */
function requireGood({ look: { stack, problems } }: PolicyPlace): void {
  if (stack !== undefined) return;
  const list = problems.map(formatProblem).join('\n');
  throw new CommandError(
    `what is asked is about a service of the manifest, which is not valid:\n${list}\n(--input asks about facts of your own)`,
    EXIT.badManifest,
  );
}

function serviceOf({ services }: StackSpec, wanted: string | undefined): ServiceSpec {
  const [first] = services;
  if (wanted !== undefined) return named(wanted, services, 'the manifest has no service');
  if (first === undefined) throw new CommandError('the manifest has no service to ask about');
  return first;
}

function firstQuestion({ questions: [first = 'deploy'] }: Domain): Question {
  return first;
}

/** The one of that name, or a sentence that begins with `none` and names the nearest. */
export function named<T extends { readonly name: string }>(
  wanted: string,
  all: readonly T[],
  none: string,
): T {
  const found = all.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const names = all.map(({ name }) => name);
  const near = suggestWord(wanted, names);
  const help =
    near === undefined ? `there are ${names.join(', ') || 'none at all'}` : `did you mean ${near}?`;
  throw new CommandError(`${none} ${wanted}: ${help}`);
}
