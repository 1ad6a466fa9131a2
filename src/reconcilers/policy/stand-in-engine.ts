/**
 * A policy engine for as long as a question takes: of the stack's own image, filled as the stack's own would be, in a throw-away
 * container. Whoever starts it removes it; what it is given has passed its check.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObservedContainer } from '../observed/world.js';
import { policyPort } from '../plan/policy-decider.js';
import { ContainerGone, startThrowAway, TooSlow, type ThrowAwayPlace } from '../throw-away.js';
import { tokenDigest } from './authz-policy.js';
import { instanceToken } from './instance-token.js';
import { OPA_PORT, opaServerArgs, policyBundle } from './policy-bundle.js';
import type { PolicySet } from './policy-set.js';
import { revisionAt } from './revision-at.js';
import { bundleFiles, MEMORY_BYTES } from './run-opa.js';

const POLL_MS = 25;
const DEFAULT_TIMEOUT_MS = 15_000;

/** `key`: of which the token is made that its readers show. Rejects, and leaves nothing, where it does not come to answer. */
export async function startStandIn(
  place: ThrowAwayPlace,
  set: PolicySet,
  key: string,
): Promise<ObservedContainer> {
  const id = await startThrowAway(place, {
    suffix: 'opa',
    args: opaServerArgs(),
    port: OPA_PORT,
    memoryBytes: MEMORY_BYTES,
    files: (container) => bundleFiles(policyBundle(set, tokenDigest(instanceToken(key, container)))),
  });
  try {
    return await answering(place, id, { revision: set.revision, token: instanceToken(key, id) });
  } catch (error) {
    await place.engine.removeContainer(id);
    throw error;
  }
}

async function answering(
  { engine, signal, timeoutMs = DEFAULT_TIMEOUT_MS }: ThrowAwayPlace,
  id: string,
  { revision, token }: { readonly revision: string; readonly token: string },
): Promise<ObservedContainer> {
  const startedAtMs = performance.now();
  for (;;) {
    const container = await engine.inspectContainer(id);
    if (container === undefined) throw new ContainerGone(undefined);
    if (container.state === 'exited') throw new Error((await engine.logs(id, 1)).join(' '));
    const port = policyPort(container);
    if (port !== undefined && (await revisionAt(port, token)) === revision) return container;
    if (performance.now() - startedAtMs > timeoutMs) throw new TooSlow(timeoutMs, undefined);
    await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
}
