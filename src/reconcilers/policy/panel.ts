/** The domains of one policy set at one OPA: who decides, for as long as nobody takes over. */
import { askAll, type Decision } from './gate.js';
import type { OpaClient } from './opa-client.js';
import type { GateFacts } from './policy-input.js';
import type { PolicySet } from './policy-set.js';

export class Panel {
  private open = 0;
  private retired = false;

  constructor(
    private readonly client: Pick<OpaClient, 'ask' | 'close'>,
    private readonly domains: PolicySet['domains'],
  ) {}

  async ask(facts: GateFacts, signal: AbortSignal): Promise<Decision> {
    this.open += 1;
    try {
      return await askAll(this.client, this.domains, facts, signal);
    } finally {
      this.open -= 1;
      this.closeWhenDone();
    }
  }

  /** Gives its connections back as soon as nobody waits for an answer. */
  retire(): void {
    this.retired = true;
    this.closeWhenDone();
  }

  private closeWhenDone(): void {
    if (this.retired && this.open === 0) this.client.close();
  }
}
