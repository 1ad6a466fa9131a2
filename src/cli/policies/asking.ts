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
import { canaryNow } from './canary-now.js';
import { givenFacts } from './given-facts.js';
import type { NotedAsking } from './explanation.js';
import { imaginedQuestion, isAboutCanaries } from './imagined-question.js';
import type { Trial } from './open-trial.js';
import type { PolicyPlace } from './policy-place.js';

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
async function askedNow(ground: Ground, options: Wish): Promise<NotedAsking> {
  const { domain, place, set, trial } = ground;
  const stack = goodStack(place);
  const question = options.question ?? firstQuestion(domain);
  const spec = serviceOf(stack, options.service);
  const isCanary = isAboutCanaries(question);
  const look = isCanary ? await canaryNow(trial.session, spec.name, { stack, policies: set }) : undefined;
  const host = await probeHost(enginePlace(trial.session));
  const facts = {
    ...(await withRealSources(imaginedQuestion(question, spec, look))),
    ...momentFacts({}),
    stack: stack.name,
    host,
    limits: stack.limits,
  };
  const missing = `input.canary is absent: ${spec.name} has no live canary now; --input takes facts of your own`;
  return {
    domain: domain.name,
    question,
    input: policyInput(domain.name, facts),
    notes: isCanary && look === undefined ? [missing] : [],
  };
}

function goodStack({ look: { stack, problems } }: PolicyPlace): StackSpec {
  if (stack !== undefined) return stack;
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
