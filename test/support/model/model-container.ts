/** How a container of the model behaves, and how it is named. Pure. */
import { createHash } from 'node:crypto';
import type { ObservedContainer } from '../../../src/reconcilers/observed/world.js';

/** How a program behaves, by its version: `sick` never answers, `crash` ends at once, `flaky` a while after it was ready, `slow` takes its time. */
export interface Behaviour {
  /** From start to the first good answer; absent: never. */
  readonly bootMs?: number;
  /** From start to its own end; absent: it stays up. */
  readonly livesMs?: number;
}

const BOOT_MS = 200;

export function behaviourOf({ version = '' }: Pick<ObservedContainer, 'version'>): Behaviour {
  if (version.includes('sick')) return {};
  if (version.includes('crash')) return { livesMs: 50 };
  if (version.includes('flaky')) return { bootMs: BOOT_MS, livesMs: 3000 };
  return { bootMs: version.includes('slow') ? 4 * BOOT_MS : BOOT_MS };
}

/** As the Engine would name the `n`th container that it makes. */
export function containerId(n: number): string {
  return createHash('sha256')
    .update(`container ${String(n)}`)
    .digest('hex');
}
