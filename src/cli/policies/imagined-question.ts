/** A question as the gate would put it, about a service as the manifest wants it, where no step waits that asks it. Pure. */
import type { ServiceSpec } from '../../reconcilers/desired/stack-spec.js';
import type { Track } from '../../reconcilers/plan/proxy-model.js';
import { gateService } from '../../reconcilers/plan/service-slots.js';
import type { Question, Step } from '../../reconcilers/plan/steps.js';
import type { CanaryLook, QuestionFacts } from '../../reconcilers/policy/question-facts.js';
import { serviceFact } from '../../reconcilers/policy/service-facts.js';

interface Example {
  readonly kind: Step['kind'] | 'analyse';
  readonly track: Track;
}

/** A step that asks it, as most do. */
const EXAMPLES: Readonly<Record<Question, Example>> = {
  deploy: { kind: 'createContainer', track: 'stable' },
  replace: { kind: 'createContainer', track: 'stable' },
  heal: { kind: 'createContainer', track: 'stable' },
  start_canary: { kind: 'createContainer', track: 'canary' },
  promote: { kind: 'createContainer', track: 'stable' },
  rollback: { kind: 'shiftTraffic', track: 'canary' },
  remove: { kind: 'removeContainer', track: 'stable' },
  analyse: { kind: 'analyse', track: 'canary' },
  override: { kind: 'createContainer', track: 'stable' },
};

/** `look`: what is known of the service's live canary, for a question about one. */
export function imaginedQuestion(question: Question, spec: ServiceSpec, look?: CanaryLook): QuestionFacts {
  const { kind, track } = EXAMPLES[question];
  const override = { who: 'somebody@somewhere', why: 'an example', denied: [] };
  return {
    question,
    step: { kind, target: spec.name, cause: 'an example, for swiftdeploy policies explain' },
    service: serviceFact(gateService(spec, track)),
    ...look,
    ...(question === 'override' ? { override } : {}),
  };
}
