/**
 * How each of the stack's policy engines answers. That it decides by the policies that it was made of is asked once in each of its
 * lives; from then on its health is enough.
 */
import { httpGet } from '../../probes/health/http-get.js';
import { LABEL } from '../plan/container-template.js';
import { policyPort } from '../plan/policy-decider.js';
import { stillSilentSince } from './silence.js';
import type { ObservedContainer, ObservedPolicyEngine } from './world.js';

const HEALTH_TIMEOUT_MS = 500;

/** A container, and its port of 127.0.0.1. */
export interface EngineAddress {
  readonly id: string;
  readonly port: number;
}

/** Whether what answers there is this container, decides by this revision, and whether that one passed its check. */
export type Believes = (engine: EngineAddress, revision: string) => Promise<boolean>;

export class PolicyEngineWatch {
  /** By container id: when the life began in which it was believed. */
  private believed = new Map<string, number>();
  private silentSince = new Map<string, number>();

  constructor(private readonly believes: Believes) {}

  async look(containers: readonly ObservedContainer[]): Promise<ReadonlyMap<string, ObservedPolicyEngine>> {
    const running = containers.filter(({ role, state }) => role === 'policy' && state === 'running');
    this.forgetOthers(new Set(running.map(({ id }) => id)));
    const engines = running.map(async (container): Promise<[string, ObservedPolicyEngine]> => [
      container.id,
      this.engineOf(container, await this.isReady(container)),
    ]);
    return new Map(await Promise.all(engines));
  }

  private engineOf({ id, startedAt = 0 }: ObservedContainer, ready: boolean): ObservedPolicyEngine {
    if (ready) {
      this.silentSince.delete(id);
      return { ready };
    }
    const silentSince = stillSilentSince(this.silentSince.get(id), Date.now());
    this.silentSince.set(id, silentSince);
    return { ready, silentSince, ...(this.believed.get(id) === startedAt ? { wasReady: true } : {}) };
  }

  private async isReady(container: ObservedContainer): Promise<boolean> {
    const { id, startedAt = 0, config } = container;
    const port = policyPort(container);
    if (port === undefined) return false;
    if (this.believed.get(id) === startedAt) return answersHealth(port);
    const isBelieved = await this.believes({ id, port }, config.labels[LABEL.revision] ?? '');
    if (isBelieved) this.believed.set(id, startedAt);
    return isBelieved;
  }

  private forgetOthers(running: ReadonlySet<string>): void {
    for (const known of [this.believed, this.silentSince])
      for (const id of known.keys()) if (!running.has(id)) known.delete(id);
  }
}

async function answersHealth(port: number): Promise<boolean> {
  const answer = await httpGet({ host: '127.0.0.1', port, path: '/health', timeoutMs: HEALTH_TIMEOUT_MS });
  return answer.answered && answer.status === 200;
}
