/** What the live view is drawn from: the last look, what was measured since it was opened, where its user is. Values only. */
import type { Paint } from '../../basics/talk.js';
import type { Look } from '../look.js';
import type { ServiceStatus } from '../status-document.js';
import type { Samples } from './samples.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface LiveFacts {
  readonly look: Look;
  readonly samples: Samples;
  /** The name of the service that is looked at closely; undefined, or one that left: the first. */
  readonly selected: string | undefined;
  readonly page: 'stack' | 'help';
  readonly intervalMs: number;
  readonly size: Size;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly paint: Paint;
}

export function selectedService({ look, selected }: LiveFacts): ServiceStatus | undefined {
  const { services } = look.status;
  return services.find(({ name }) => name === selected) ?? services[0];
}
