/** What a question is about now: the step that waits for it, or the canary that is looked at; else an example, which the notes call one. Pure. */
import type { ServiceSpec } from '../../reconcilers/desired/stack-spec.js';
import type { Question, Step } from '../../reconcilers/plan/steps.js';
import { analysisOf, questionBefore, type QuestionFacts } from '../../reconcilers/policy/question-facts.js';
import { imaginedQuestion } from './imagined-question.js';
import type { WaitingNow } from './waiting-now.js';

export interface QuestionNow {
  readonly about: QuestionFacts;
  /** What is different from a question of the controller. */
  readonly notes: readonly string[];
}

type Seen = Pick<WaitingNow, 'steps' | 'known' | 'analysed'>;

const ABOUT_CANARIES: readonly Question[] = ['promote', 'rollback', 'analyse'];

export function questionNow(question: Question, spec: ServiceSpec, seen: Seen): QuestionNow {
  const about = askedOf(question, spec.name, seen);
  if (about !== undefined) return { about, notes: [] };
  const look = ABOUT_CANARIES.includes(question) ? seen.known(spec.name) : undefined;
  return {
    about: imaginedQuestion(question, spec, look),
    notes: [
      exampleWords(question, spec.name, seen.steps),
      ...(look === undefined && ABOUT_CANARIES.includes(question) ? [missingWords(spec.name)] : []),
    ],
  };
}

/** As the controller asks it; undefined while nothing waits. */
function askedOf(question: Question, service: string, seen: Seen): QuestionFacts | undefined {
  if (question === 'analyse') {
    const canary = seen.analysed(service);
    return canary && analysisOf(canary);
  }
  const step = seen.steps.find(({ gate }) => gate?.question === question && gate.service?.name === service);
  return step && questionBefore(step, seen.known);
}

function exampleWords(question: Question, service: string, steps: readonly Step[]): string {
  if (question === 'analyse') return 'input.step is an example: no look at a canary is due';
  if (question === 'override')
    return 'input.step and input.override are examples: override is asked when a person overrules a denial';
  const others = steps.flatMap(({ gate }) => (gate?.service?.name === service ? [gate.question] : []));
  const waiting =
    others.length === 0
      ? ''
      : `; its steps that wait now ask ${[...new Set(others)].join(', ')} (--question)`;
  return `input.step is an example: no step of ${service} that asks ${question} waits now (swiftdeploy plan shows those that do)${waiting}`;
}

function missingWords(service: string): string {
  return `input.canary is absent: ${service} has no live canary now; --input takes facts of your own`;
}
