/** A promotion that bakes, for tests of what becomes of it: the single service of a stack, promoted from its only step. */
import { CANARY_HEADER, CanaryUnderTest } from './canary.js';
import type { Stack } from './stack.js';

const STEPS = [{ weight: 50, hold: '1s' }];

interface Look {
  readonly shares: readonly unknown[];
  readonly since: string;
  /** Of the new version. */
  readonly requests: number;
}

export class BakeUnderTest {
  private readonly subject: CanaryUnderTest;

  constructor(private readonly stack: Stack) {
    this.subject = new CanaryUnderTest(stack);
  }

  /** A canary at its only step, and judged. */
  async canary(version: string, bake: string): Promise<void> {
    await this.stack.set({ mode: 'canary', version, canary: blockOf(bake) });
    await this.stack.condition('Promoted', 'False', 'AwaitingPromotion');
    await this.stack.condition('CanaryHealthy', 'True');
  }

  async promote(): Promise<void> {
    await this.stack.set({ mode: 'stable' });
    await this.stack.condition('Promoted', 'False', 'Baking');
  }

  /** So much of the time is over. */
  shorten(bake: string): Promise<void> {
    return this.stack.set({ canary: blockOf(bake) });
  }

  shares(): Promise<readonly unknown[]> {
    return this.subject.shares();
  }

  since(): Promise<string> {
    return this.stack.waitFor('the bake', ({ services }) => services[0]?.rollout?.bake?.since);
  }

  /** The world as a look tells it that came after its time was over. */
  lookAfterItsTime(): Promise<Look> {
    return this.look('its time is over', 0);
  }

  /** As a look later than `before` tells it. */
  lookAfter({ requests }: Look): Promise<Look> {
    return this.look('it was looked at again', requests);
  }

  /** The new version fails every request from now on. */
  fail(): Promise<void> {
    return this.subject.chaos({ mode: 'error', rate: 1 });
  }

  /** The old version, and nobody else, answers. */
  isBackAt(version: string): Promise<void> {
    return this.subject.isOver(version);
  }

  private look(what: string, moreThan: number): Promise<Look> {
    return this.stack.waitFor(what, ({ services: [service] }) => {
      const { bake, canary } = service?.rollout ?? {};
      if (service === undefined || bake === undefined || Date.parse(bake.until) > Date.now()) return false;
      const shares = service.tracks.map(({ weight }) => weight);
      const requests = canary?.requests ?? 0;
      return requests > moreThan && { shares, requests, since: bake.since };
    });
  }
}

function blockOf(bake: string) {
  return { steps: STEPS, header: CANARY_HEADER, bake };
}
