/** Asks the stack's OPA before a step: gathers the facts of the question, nothing else. One client per engine and revision. */
import { probeHost, type HostFacts } from '../../probes/host.js';
import type { StackSpec } from '../desired/stack-spec.js';
import type { Step } from '../plan/steps.js';
import { askAll, type Decision } from './gate.js';
import { OpaClient } from './opa-client.js';
import type { PolicySet } from './policy-set.js';

export class StackGate {
  private client: OpaClient | undefined;
  private clientKey = '';
  private domains: readonly string[] = [];
  private host: Promise<HostFacts> = Promise.resolve({});

  constructor(
    private readonly token: string,
    private readonly dataRoot: string,
  ) {}

  /** Once per tick, beside the observation. */
  measureHost(): void {
    this.host = probeHost({ dataRoot: this.dataRoot });
  }

  /** The client follows the policy set. */
  prepare(stack: StackSpec, set: PolicySet): void {
    const { port, timeoutMs } = stack.policyEngine;
    const key = `${String(port)}/${String(timeoutMs)}/${set.revision}`;
    if (key !== this.clientKey) {
      this.client?.close();
      const url = `http://127.0.0.1:${String(port)}`;
      this.client = new OpaClient({ url, token: this.token, timeoutMs, expectedRevision: set.revision });
      this.clientKey = key;
    }
    this.domains = set.domains;
  }

  close(): void {
    this.client?.close();
  }

  async ask(stack: StackSpec, step: Step, signal: AbortSignal): Promise<Decision> {
    const { kind, target, cause, gate } = step;
    if (this.client === undefined || gate === undefined)
      throw new Error('the gate was asked before it was prepared');
    const service =
      gate.service === undefined ? {} : { service: { ...gate.service, mode: gate.service.track } };
    const facts = {
      question: gate.question,
      step: { kind, target, cause },
      stack: stack.name,
      ...service,
      host: await this.host,
      limits: stack.limits,
    };
    return askAll(this.client, this.domains, facts, signal);
  }
}
