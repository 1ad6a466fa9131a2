/** A canary of the single service of a stack, for tests of what becomes of it. */
import { expect } from 'vitest';
import { docker, labelOf, type Info } from './engine.js';
import type { Stack } from './stack.js';

/** Of the testers who want the canary, whatever its share. */
export const CANARY_HEADER = 'X-Canary';

export class CanaryUnderTest {
  constructor(private readonly stack: Stack) {}

  wish(version: string, steps: readonly object[]): Promise<void> {
    return this.stack.set({ mode: 'canary', version, canary: { steps, header: CANARY_HEADER } });
  }

  async atStep(step: number): Promise<void> {
    await this.stack.waitFor(`step ${String(step)} is served`, ({ services }) => {
      const rollout = services[0]?.rollout;
      return rollout?.step === step && rollout.since !== undefined;
    });
  }

  /** What it does is counted: the moment of the last change is over. */
  async isJudged(moreThan = 0): Promise<void> {
    await this.stack.until('it is judged', async () => (await this.requests()) > moreThan);
  }

  /** Judged so far; undefined figures are none. */
  async requests(): Promise<number> {
    return (await this.stack.status())?.services[0]?.rollout?.canary?.requests ?? 0;
  }

  shares(): Promise<readonly unknown[]> {
    return this.stack.waitFor('shares', ({ services }) => services[0]?.tracks.map(({ weight }) => weight));
  }

  async replicas(track: 'stable' | 'canary'): Promise<readonly Info[]> {
    return (await this.stack.replicas()).filter((info) => labelOf(info, 'track') === track);
  }

  /** One replica dies as by `docker kill`: the engine does not restart it. */
  async kill(track: 'stable' | 'canary'): Promise<void> {
    const [replica] = await this.replicas(track);
    await docker.getContainer(replica?.Id ?? '').kill({ signal: 'SIGKILL' });
  }

  /** The workload's `POST /chaos`, to the canary, whatever its share. */
  async chaos(body: object): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${String(this.stack.port)}/chaos`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { [CANARY_HEADER]: 'always', connection: 'close' },
    });
    expect(answer.status).toBe(200);
  }

  /** This version, and nobody else, answers. */
  async isOver(version: string): Promise<void> {
    await this.stack.until(`${version} alone has the traffic`, async () => {
      const seen = new Set<unknown>();
      for (let asked = 0; asked < 20; asked += 1) seen.add(await this.stack.servedVersion());
      return [...seen].join() === version;
    });
  }
}
