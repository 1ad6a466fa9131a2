/** A policy engine that a test started itself, as the controller's gate knows those that it observed. */
import type { AskedEngine } from '../../src/reconcilers/policy/stack-gate.js';

/** `id`: the container that its token is made for. */
export function engineAt(port: number, id = 'opa'): AskedEngine {
  return { id, ports: [{ container: 8181, hostAddress: '127.0.0.1', host: port }] };
}
