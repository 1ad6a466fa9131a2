/** A simulated world for rollouts: how much traffic, and how the versions fail. */

/** A steady rate; or bursts that come at random, as a Gilbert process; or a rate from a moment on, for good or until another. */
export type Trouble =
  | { readonly rate: number }
  | {
      readonly rate: number;
      readonly inBursts: { readonly rateInside: number; readonly meanSeconds: number };
    }
  | {
      readonly rate: number;
      readonly fromSecond: number;
      readonly untilSecond?: number;
      /** And after `untilSecond`. */
      readonly before: number;
    };

export interface Version {
  readonly errors: Trouble;
  readonly slow: number;
}

/** While it lasts, both versions fail at this rate. */
export interface Outage {
  readonly rate: number;
  readonly seconds: number;
}

export interface Scenario {
  readonly name: string;
  /** `good`: rolling it back is a false alarm; `bad`: not doing so is a miss; `silent`: nobody comes; `limit`: exactly as bad as allowed. */
  readonly kind: 'good' | 'bad' | 'silent' | 'limit';
  readonly requestsPerSecond: number;
  readonly canary: Version;
  readonly stable: Version;
  readonly outage?: Outage;
  readonly weights: readonly number[];
  readonly horizonSeconds: number;
  /** The goal: canary requests, since it goes wrong, by which it is rolled back. */
  readonly caughtWithin?: number;
  /** It is promoted, and bakes for this long; before, it went through the usual weights. Second 0 is the bake's first. */
  readonly bakeSeconds?: number;
}

export const HOLD_SECONDS = 60;
export const DEADLINE_SECONDS = 240;

export const WEIGHTS: readonly number[] = [5, 25, 50];
const HEALTHY: Version = { errors: { rate: 0.001 }, slow: 0.001 };
/** Ended a minute before the canary goes wrong. */
const OUT_FOR_A_WHILE: Version = {
  errors: { rate: 1, fromSecond: 20, untilSecond: 30, before: 0.001 },
  slow: 0.001,
};
export const HORIZON_SECONDS = 300;
/** Ours is long done; Flagger's rule is given the time to be. */
export const BAD_SECONDS = 600;
const LONG_SECONDS = 900;
export const BAKE_SECONDS = 300;
const BAD_AFTER_SECONDS = 60;
const LATE_SECOND = 90;

type Difference = Partial<Scenario> & Pick<Scenario, 'name' | 'kind'>;

export const SCENARIOS: readonly Scenario[] = (
  [
    { name: '0.1 % errors', kind: 'good' },
    { name: '0.5 % errors', kind: 'good', canary: failing(0.005) },
    { name: '1 % errors: at the limit', kind: 'limit', canary: failing(0.01) },
    { name: '2 % errors', kind: 'bad', canary: failing(0.02), horizonSeconds: LONG_SECONDS },
    { name: '5 % errors', kind: 'bad', caughtWithin: 500, canary: failing(0.05) },
    { name: '20 % errors', kind: 'bad', caughtWithin: 60, canary: failing(0.2) },
    { name: '100 % errors', kind: 'bad', caughtWithin: 5, canary: failing(1) },
    {
      name: '5 % errors, 500 requests a second',
      kind: 'bad',
      caughtWithin: 500,
      canary: failing(0.05),
      requestsPerSecond: 500,
    },
    {
      name: '20 % errors, 500 requests a second',
      kind: 'bad',
      caughtWithin: 60,
      canary: failing(0.2),
      requestsPerSecond: 500,
    },
    {
      name: '100 % errors, 500 requests a second',
      kind: 'bad',
      caughtWithin: 5,
      canary: failing(1),
      requestsPerSecond: 500,
    },
    {
      name: '20 % errors, 10 requests a second',
      kind: 'bad',
      caughtWithin: 60,
      canary: failing(0.2),
      requestsPerSecond: 10,
      horizonSeconds: LONG_SECONDS,
    },
    {
      name: '20 % errors, 2 requests a second',
      kind: 'bad',
      caughtWithin: 60,
      canary: failing(0.2),
      requestsPerSecond: 2,
      horizonSeconds: 3600,
    },
    {
      name: '100 % errors, 0.2 requests a second',
      kind: 'bad',
      caughtWithin: 5,
      canary: failing(1),
      requestsPerSecond: 0.2,
      horizonSeconds: 3600,
    },
    {
      name: '20 % errors, first weight 50 %',
      kind: 'bad',
      caughtWithin: 60,
      canary: failing(0.2),
      weights: [50],
    },
    {
      name: '100 % errors, first weight 50 %',
      kind: 'bad',
      caughtWithin: 5,
      canary: failing(1),
      weights: [50],
    },
    {
      name: '5 % errors, at once 100 %',
      kind: 'bad',
      caughtWithin: 500,
      canary: failing(0.05),
      weights: [100],
    },
    {
      name: '20 % errors after 90 s without',
      kind: 'bad',
      canary: failingLate(0.2),
    },
    { name: '10 % errors after 90 s without', kind: 'bad', canary: failingLate(0.1) },
    ...[0.1, 0.2].map((rate) => ({
      name: `stable out for 10 s, ${String(100 * rate)} % errors a minute later`,
      kind: 'bad' as const,
      canary: failingLate(rate),
      stable: OUT_FOR_A_WHILE,
    })),
    { name: '0.5 % slow', kind: 'good', canary: { errors: { rate: 0.001 }, slow: 0.005 } },
    { name: '5 % slow', kind: 'bad', canary: { errors: { rate: 0.001 }, slow: 0.05 } },
    { name: '20 % slow', kind: 'bad', canary: { errors: { rate: 0.001 }, slow: 0.2 } },
    {
      name: 'both 0.5 % errors, in bursts of 0.3 s at 50 %',
      kind: 'good',
      canary: bursting(0.5, 0.3),
      stable: bursting(0.5, 0.3),
    },
    {
      name: 'both 0.5 % errors, in bursts of 1 s at 30 %',
      kind: 'good',
      canary: bursting(0.3, 1),
      stable: bursting(0.3, 1),
    },
    {
      name: 'both 0.5 % errors, in bursts of 1 s in which everything fails',
      kind: 'good',
      canary: bursting(1, 1),
      stable: bursting(1, 1),
    },
    {
      name: 'both 2 % errors, in bursts of 3 s at 30 %',
      kind: 'good',
      canary: bursting(0.3, 3, 0.02),
      stable: bursting(0.3, 3, 0.02),
    },
    {
      name: '5 % errors, in bursts of 1 s at 50 %',
      kind: 'bad',
      canary: { errors: { rate: 0.05, inBursts: { rateInside: 0.5, meanSeconds: 1 } }, slow: 0.001 },
    },
    { name: 'shared outage of 20 s, 60 % errors', kind: 'good', outage: { rate: 0.6, seconds: 20 } },
    { name: 'shared outage of 20 s, everything fails', kind: 'good', outage: { rate: 1, seconds: 20 } },
    { name: 'baseline and canary at 2 %', kind: 'good', canary: failing(0.02), stable: failing(0.02) },
    ...[0.2, 0.5, 2].flatMap(inThinTraffic),
    { name: 'baseline at 2 %, canary at 10 %', kind: 'bad', canary: failing(0.1), stable: failing(0.02) },
    baking({ name: 'bake: 0.1 % errors', kind: 'good' }),
    baking({ name: 'bake: 0.5 % errors', kind: 'good', canary: failing(0.005) }),
    baking({
      name: 'bake: 2 % errors, as stable had',
      kind: 'good',
      canary: failing(0.02),
      stable: failing(0.02),
    }),
    ...[0.05, 0.2, 1].map((rate) =>
      baking({
        name: `bake: ${String(100 * rate)} % errors after a minute`,
        kind: 'bad',
        canary: { errors: { rate, fromSecond: BAD_AFTER_SECONDS, before: 0.001 }, slow: 0.001 },
      }),
    ),
    { name: 'nobody comes', kind: 'silent', requestsPerSecond: 0, horizonSeconds: 2 * DEADLINE_SECONDS },
  ] satisfies Difference[]
).map(scenario);

/**
 * Both versions are as bad, or fail together for a while, and of a second that the canary was asked in stable often knows nothing; the time
 * is for 720 requests and more.
 */
function inThinTraffic(requestsPerSecond: number): Difference[] {
  const traffic = {
    kind: 'good',
    requestsPerSecond,
    horizonSeconds: Math.max(900, 720 / requestsPerSecond),
  } as const;
  const rate = `${String(requestsPerSecond)} requests a second`;
  const alike = [25, 50].flatMap((weight) =>
    [0.02, 0.2, 1].map((errors) => ({
      ...traffic,
      name: `baseline and canary at ${String(100 * errors)} %, ${rate}, weight ${String(weight)}`,
      weights: [weight],
      canary: failing(errors),
      stable: failing(errors),
    })),
  );
  const outage = { rate: 1, seconds: 300 };
  return [...alike, { ...traffic, name: `shared outage of 300 s, everything fails, ${rate}`, outage }];
}

function scenario(difference: Difference): Scenario {
  return {
    requestsPerSecond: 100,
    canary: HEALTHY,
    stable: HEALTHY,
    weights: WEIGHTS,
    horizonSeconds: difference.kind === 'bad' ? BAD_SECONDS : HORIZON_SECONDS,
    ...difference,
  };
}

/** All of the traffic at once; a bake that is over is judged no more. */
function baking(difference: Difference): Difference {
  return { weights: [100], bakeSeconds: BAKE_SECONDS, horizonSeconds: BAKE_SECONDS, ...difference };
}

/** The first second in which the canary goes wrong. */
export function troubleSecond({ canary: { errors } }: Scenario): number {
  return 'fromSecond' in errors ? errors.fromSecond : 0;
}

function failing(rate: number): Version {
  return { errors: { rate }, slow: 0.001 };
}

function failingLate(rate: number): Version {
  return { errors: { rate, fromSecond: LATE_SECOND, before: 0.001 }, slow: 0.001 };
}

function bursting(rateInside: number, meanSeconds: number, rate = 0.005): Version {
  return { errors: { rate, inBursts: { rateInside, meanSeconds } }, slow: 0.001 };
}
