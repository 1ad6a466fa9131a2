/**
 * Where the limits of a container are not what was applied. To the Engine's update call a zero means "as it is", so a limit that
 * nobody applied is only lost with the container.
 */
import type { ObservedConfig, ObservedContainer } from '../observed/world.js';
import type { ContainerTemplate } from './container-template.js';
import type { Difference } from './differences.js';

interface Limit {
  readonly what: string;
  readonly wanted: number;
  /** Absent where there can be none: nothing would put it right. */
  readonly actual: number | undefined;
  readonly inWords: (value: number) => string;
}

export function limitDifferences(
  template: ContainerTemplate,
  { config }: ObservedContainer,
): readonly Difference[] {
  return [
    ...limitsOf(template, config).flatMap(limitDifference),
    ...restartDifference(template, config),
    ...Object.entries(config.otherLimits).map(([option, value]) =>
      difference('recreate', `${option} is ${value}, applied was none`),
    ),
  ];
}

/** Without swap of its own: what bounds memory and swap together is the memory limit. */
function limitsOf({ cpus = 0, memoryBytes = 0, pids }: ContainerTemplate, config: ObservedConfig): Limit[] {
  return [
    {
      what: 'CPU limit',
      wanted: Math.round(cpus * 1e9),
      actual: config.nanoCpus,
      inWords: (nanoCpus) => String(nanoCpus / 1e9),
    },
    { what: 'memory limit', wanted: memoryBytes, actual: config.memoryBytes, inWords: bytes },
    { what: 'memory and swap limit', wanted: memoryBytes, actual: config.memorySwapBytes, inWords: bytes },
    { what: 'process limit', wanted: pids, actual: config.pids, inWords: String },
  ];
}

function limitDifference({ what, wanted, actual, inWords }: Limit): Difference[] {
  if (actual === undefined || wanted === actual) return [];
  const limitText = (value: number) => (value <= 0 ? 'none' : inWords(value));
  const words = `${what} is ${limitText(actual)}, applied was ${limitText(wanted)}`;
  return [difference(wanted === 0 ? 'recreate' : 'update', words)];
}

function restartDifference(
  { restartPolicy: wanted }: ContainerTemplate,
  { restartPolicy, maxRetries }: ObservedConfig,
): Difference[] {
  if (wanted === restartPolicy && maxRetries === 0) return [];
  const actual = maxRetries === 0 ? restartPolicy : `${restartPolicy}:${String(maxRetries)}`;
  return [difference('update', `restart policy is ${actual}, applied was ${wanted}`)];
}

function difference(heal: Difference['heal'], words: string): Difference {
  return { heal, drift: 'resources', words };
}

function bytes(value: number): string {
  return `${String(value)} bytes`;
}
