/** A promotion that bakes, for tests of what becomes of it: the single service of a stack, promoted from its only step. */
import { expect } from 'vitest';
import type { Stack } from './stack.js';

const HEADER = 'X-Canary';
const STEPS = [{ weight: 50, hold: '1s' }];

interface Look {
  readonly shares: readonly unknown[];
  readonly since: string;
  /** Of the new version. */
  readonly requests: number;
}

export class BakeUnderTest {
  constructor(private readonly stack: Stack) {}

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
    return this.stack.waitFor('shares', ({ services }) => services[0]?.tracks.map(({ weight }) => weight));
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
  async fail(): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${String(this.stack.port)}/chaos`, {
      method: 'POST',
      body: JSON.stringify({ mode: 'error', rate: 1 }),
      headers: { [HEADER]: 'always', connection: 'close' },
    });
    expect(answer.status).toBe(200);
  }

  /** The old version, and nobody else, answers. */
  async isBackAt(version: string): Promise<void> {
    await this.stack.until(`${version} alone has the traffic`, async () => {
      const seen = new Set<unknown>();
      for (let asked = 0; asked < 20; asked += 1) seen.add(await this.stack.servedVersion());
      return [...seen].join() === version;
    });
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
  return { steps: STEPS, header: HEADER, bake };
}
