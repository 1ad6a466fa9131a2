/** What the proxy serves, by its own word, and waiting for it: until a change is served, resolved, and no old worker answers for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../docker/engine.js';
import { stillSilentSince } from '../observed/silence.js';
import type { ProxyModel } from '../plan/proxy-model.js';
import { servedRevision, type AdminAddress } from './admin-client.js';
import { revisionOf } from './render.js';
import { areResolved, type Replicas } from './resolved-upstreams.js';
import { acceptingWorkers } from './workers.js';

const CONFIRM_TIMEOUT_MS = 5000;
const POLL_MS = 4;
/** After a reload an old worker may still take a connection for a moment. */
const HANDOVER_MS = 150;
/** nginx asks again for a DNS answer that got lost after 5 s; whoever is not seen by then does not answer at all. */
const RESOLVED_BY_MS = 6000;
/** How long a change of the configuration waits for its servers to be resolved: normally some milliseconds. */
const RESOLVE_WAIT_MS = 1000;
/** How long old workers may go on taking connections: nginx tells them to stop 100 ms after it started the new ones. */
const TAKEOVER_WAIT_MS = 1000;
const TAKEOVER_POLL_MS = 20;

export class ServedConfig {
  private last: { revision: string; since: number; resolved: boolean } | undefined;
  private silence: number | undefined;

  /** `admin`: where it is asked; absent unless the proxy runs. */
  constructor(private readonly admin: () => AdminAddress | undefined) {}

  /** Epoch milliseconds; absent where it answered last. */
  get silentSince(): number | undefined {
    return this.silence;
  }

  /** Who does not run is not silent. */
  stopped(): void {
    this.silence = undefined;
  }

  /** Whether it is served, or will be in a moment. */
  isServedSoon(model: ProxyModel): Promise<boolean> {
    return comesTrue(() => this.isServed(revisionOf(model)), { withinMs: HANDOVER_MS, pollMs: POLL_MS });
  }

  /** Since when what is served is served, in epoch milliseconds; absent until its servers are resolved. */
  async resolvedSince(model: ProxyModel, replicas: Replicas): Promise<number | undefined> {
    const [admin, last] = [this.admin(), this.last];
    if (admin === undefined || last === undefined) return undefined;
    last.resolved ||= Date.now() - last.since > RESOLVED_BY_MS || (await areResolved(admin, model, replicas));
    return last.resolved ? last.since : undefined;
  }

  /** Whoever is told that a change is served can rely on it. */
  async untilServed(model: ProxyModel, replicas: Replicas): Promise<void> {
    const isServed = () => this.isServed(revisionOf(model));
    if (!(await comesTrue(isServed, { withinMs: CONFIRM_TIMEOUT_MS, pollMs: POLL_MS })))
      throw new Error('the proxy does not serve its new configuration');
    const isResolved = async () => (await this.resolvedSince(model, replicas)) !== undefined;
    await comesTrue(isResolved, { withinMs: RESOLVE_WAIT_MS, pollMs: POLL_MS });
  }

  private async isServed(revision: string): Promise<boolean> {
    const admin = this.admin();
    const answer = admin === undefined ? undefined : await servedRevision(admin);
    this.silence = answer === undefined ? stillSilentSince(this.silence, Date.now()) : undefined;
    if (answer !== revision) return false;
    if (this.last?.revision !== revision) this.last = { revision, since: Date.now(), resolved: false };
    return true;
  }
}

/** Where nobody answered before, an old worker says so to whoever it still takes a connection from. */
export async function untilTakenOver(
  engine: Pick<Engine, 'processes'>,
  proxyId: string,
  old: readonly number[],
): Promise<void> {
  const areGone = async () =>
    !acceptingWorkers(await engine.processes(proxyId)).some((pid) => old.includes(pid));
  await comesTrue(areGone, { withinMs: TAKEOVER_WAIT_MS, pollMs: TAKEOVER_POLL_MS });
}

async function comesTrue(
  isTrue: () => Promise<boolean>,
  { withinMs, pollMs }: { readonly withinMs: number; readonly pollMs: number },
): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) return false;
    await sleep(pollMs);
  }
  return true;
}
