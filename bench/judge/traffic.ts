/** What both tracks of one simulated rollout answer, second by second, from one seed. */
import type { WindowTally } from '../../src/reconcilers/judge/canary-facts.js';
import { binomial, poisson, randomFrom, type Random } from './random.js';
import type { Scenario, Trouble, Version } from './scenario.js';

export interface SecondOfTraffic {
  readonly canary: WindowTally;
  readonly stable: WindowTally;
}

/** A burst begins and ends between two of these. */
const SLICES = 10;

export class Traffic {
  private readonly random: Random;
  private readonly bursts = { canary: false, stable: false };
  private readonly outageAt: number;

  constructor(
    private readonly scenario: Scenario,
    seed: number,
  ) {
    this.random = randomFrom(seed);
    this.outageAt = Math.floor((this.random() * scenario.horizonSeconds) / 2);
  }

  /** Of the second that begins at `second` with this share of the traffic on the canary, percent. */
  at(second: number, weight: number): SecondOfTraffic {
    const total = this.scenario.requestsPerSecond;
    return {
      canary: this.answers('canary', second, (total * weight) / 100),
      stable: this.answers('stable', second, (total * (100 - weight)) / 100),
    };
  }

  private answers(track: 'canary' | 'stable', second: number, mean: number): WindowTally {
    const version = this.scenario[track];
    const outage = this.outageRate(second);
    if (outage === undefined && 'inBursts' in version.errors) return this.inSlices(track, version, mean);
    const requests = poisson(this.random, mean);
    return this.tally(requests, outage ?? steadyRate(version.errors, second), version.slow);
  }

  private inSlices(track: 'canary' | 'stable', version: Version, mean: number): WindowTally {
    let sum: WindowTally = { requests: 0, errors: 0, slow: 0 };
    for (let slice = 0; slice < SLICES; slice += 1) {
      const rate = this.burstRate(track, version.errors);
      const part = this.tally(poisson(this.random, mean / SLICES), rate, version.slow);
      sum = {
        requests: sum.requests + part.requests,
        errors: sum.errors + part.errors,
        slow: sum.slow + part.slow,
      };
    }
    return sum;
  }

  /** Gilbert's process: leaves a burst after its mean length, enters one so often that the rate holds over time. */
  private burstRate(track: 'canary' | 'stable', trouble: Trouble): number {
    if (!('inBursts' in trouble)) return trouble.rate;
    const { rateInside, meanSeconds } = trouble.inBursts;
    const part = trouble.rate / rateInside;
    const leaves = 1 / (SLICES * meanSeconds);
    const changes = this.bursts[track] ? leaves : (leaves * part) / (1 - part);
    if (this.random() < changes) this.bursts[track] = !this.bursts[track];
    return this.bursts[track] ? rateInside : 0;
  }

  private tally(requests: number, errorRate: number, slowRate: number): WindowTally {
    return {
      requests,
      errors: binomial(this.random, requests, errorRate),
      slow: binomial(this.random, requests, slowRate),
    };
  }

  private outageRate(second: number): number | undefined {
    const { outage } = this.scenario;
    if (outage === undefined || second < this.outageAt || second >= this.outageAt + outage.seconds)
      return undefined;
    return outage.rate;
  }
}

function steadyRate(trouble: Trouble, second: number): number {
  if (!('fromSecond' in trouble)) return trouble.rate;
  const { rate, fromSecond, untilSecond = Infinity, before } = trouble;
  return second >= fromSecond && second < untilSecond ? rate : before;
}
