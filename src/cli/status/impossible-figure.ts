/** A figure that no stack can have: status.json was edited or damaged, and nothing of it is to be believed. Pure. */
import type { ServiceStatus, StatusDocument, TrackStatus } from './status-document.js';

/** Who has it, what it is of, what it says. */
interface Figure {
  readonly of: string;
  readonly value: number | undefined;
  readonly range: Range;
}

interface Range {
  readonly words: string;
  readonly has: (value: number) => boolean;
}

const SHARE: Range = { words: 'a share from 0 to 100', has: (value) => value >= 0 && value <= 100 };
const COUNT: Range = {
  words: 'a whole number from 0',
  has: (value) => Number.isSafeInteger(value) && value >= 0,
};
const AMOUNT: Range = { words: 'a number from 0', has: (value) => Number.isFinite(value) && value >= 0 };

/** A sentence that goes after the file's name, of the first; undefined for none. */
export function impossibleFigure({ generation, services }: StatusDocument): string | undefined {
  const figures = [{ of: 'generation', value: generation, range: COUNT }, ...services.flatMap(ofService)];
  const found = figures.find(({ value, range }) => value !== undefined && !range.has(value));
  if (found === undefined) return undefined;
  return `is damaged: ${found.of} is ${String(found.value)}, and can only be ${found.range.words}`;
}

function ofService({ name, tracks, failed, rollout }: ServiceStatus): readonly Figure[] {
  const { step, steps, weight, wantedWeight } = rollout ?? {};
  return [
    ...tracks.flatMap((track) => ofTrack(name, track)),
    ...(failed ?? []).map((one) => ({
      of: `the weight of ${name} ${one.track}`,
      value: one.weight,
      range: SHARE,
    })),
    { of: `the step of ${name}'s rollout`, value: step, range: COUNT },
    { of: `the number of steps of ${name}'s rollout`, value: steps, range: COUNT },
    { of: `the weight of ${name}'s rollout`, value: weight, range: SHARE },
    { of: `the wanted weight of ${name}'s rollout`, value: wantedWeight, range: SHARE },
  ];
}

function ofTrack(
  service: string,
  { track, weight, replicas, restarts, traffic }: TrackStatus,
): readonly Figure[] {
  const name = `${service} ${track}`;
  const { requestsPerSecond, requests, errors, errorRatePercent } = traffic ?? {};
  return [
    { of: `the weight of ${name}`, value: weight, range: SHARE },
    { of: `the wanted replicas of ${name}`, value: replicas.desired, range: COUNT },
    { of: `the ready replicas of ${name}`, value: replicas.ready, range: COUNT },
    { of: `the restarts of ${name}`, value: restarts, range: COUNT },
    { of: `the requests of ${name}`, value: requests, range: AMOUNT },
    { of: `the requests per second of ${name}`, value: requestsPerSecond, range: AMOUNT },
    { of: `the errors of ${name}`, value: errors, range: AMOUNT },
    { of: `the error rate of ${name}`, value: errorRatePercent, range: SHARE },
  ];
}
