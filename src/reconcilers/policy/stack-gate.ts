/** Asks the stack's OPA before a step: gathers the facts of the question, nothing else. One client per engine and revision. */
import { probeHost, type HostFacts, type HostProbeOptions } from '../../probes/host.js';
import type { StackSpec } from '../desired/stack-spec.js';
import type { ObservedContainer } from '../observed/world.js';
import { policyPort } from '../plan/policy-decider.js';
import type { Step } from '../plan/steps.js';
import type { Decision } from './gate.js';
import { instanceToken } from './instance-token.js';
import { momentFacts, type MomentOptions } from './moment.js';
import { NOBODY } from './nobody.js';
import { OpaClient } from './opa-client.js';
import type { OverrideFact } from './override.js';
import { Panel } from './panel.js';
import type { GateFacts } from './policy-input.js';
import type { PolicySet } from './policy-set.js';
import {
  analysisOf,
  questionBefore,
  type CanarySource,
  type LiveCanary,
  type QuestionFacts,
} from './question-facts.js';
import { withRealSources } from './real-sources.js';

/** Who is asked. */
export type AskedEngine = Pick<ObservedContainer, 'id' | 'ports'>;

export class StackGate {
  private asked: Panel | undefined;
  private clientKey = '';
  private host: Promise<HostFacts> = Promise.resolve({});

  /** `key`: of which each engine's token is made. `place`: what of the engine's machine is measured. `canaryFacts`: what is known of the service's canary now. `moment`: where time and revision are asked, at each question. */
  constructor(
    private readonly key: string,
    private readonly place: HostProbeOptions,
    private readonly canaryFacts: CanarySource = () => undefined,
    private readonly moment: MomentOptions = {},
  ) {}

  /** Once per tick, beside the observation. */
  measureHost(): void {
    this.host = probeHost(this.place);
  }

  /** Who decides now: this set, in this engine; without one nobody will answer. Who decided before is still heard to the end. */
  prepare(stack: StackSpec, set: PolicySet, engine?: AskedEngine): void {
    const { timeoutMs } = stack.policyEngine;
    const id = engine?.id ?? '';
    const port = engine && policyPort(engine);
    const key = `${id}/${String(port)}/${String(timeoutMs)}/${set.revision}`;
    if (key === this.clientKey) return;
    this.asked?.retire();
    const url = `http://127.0.0.1:${String(port)}`;
    const options = { url, token: instanceToken(this.key, id), timeoutMs, expectedRevision: set.revision };
    this.asked = new Panel(port === undefined ? NOBODY : new OpaClient(options), set.domains);
    this.clientKey = key;
  }

  close(): void {
    this.asked?.retire();
  }

  async ask(stack: StackSpec, step: Step, signal: AbortSignal): Promise<Decision> {
    return this.put(stack, questionBefore(step, this.canaryFacts), signal);
  }

  /** May a person override what was denied of this step, once? */
  askOverride(
    stack: StackSpec,
    step: Step,
    { override, signal }: { readonly override: OverrideFact; readonly signal: AbortSignal },
  ): Promise<Decision> {
    return this.put(stack, { ...questionBefore(step), question: 'override', override }, signal);
  }

  /** What becomes of a live canary? The answer has a `verdict`; no step waits for it. */
  askAnalysis(stack: StackSpec, canary: LiveCanary, signal: AbortSignal): Promise<Decision> {
    return this.put(stack, analysisOf(canary), signal);
  }

  private async put(stack: StackSpec, about: QuestionFacts, signal: AbortSignal): Promise<Decision> {
    const [host, placed] = await Promise.all([this.host, withRealSources(about)]);
    const facts = { ...placed, stack: stack.name, host, limits: stack.limits, ...momentFacts(this.moment) };
    return this.askWhoDecides(facts, signal);
  }

  /** Who was replaced while it was asked may have left without an answer: then its successor is asked. */
  private async askWhoDecides(facts: GateFacts, signal: AbortSignal): Promise<Decision> {
    for (;;) {
      const asked = this.asked;
      if (asked === undefined) throw new Error('the gate was asked before it was prepared');
      const decision = await asked.ask(facts, signal);
      if (!decision.silent || asked === this.asked) return decision;
    }
  }
}
