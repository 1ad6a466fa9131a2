/** The identity of a container's configuration: equal hash, no reason to replace it. */
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import type { ContainerSpec, ServiceSpec } from './stack-spec.js';

/** Hex SHA-256 of the canonical JSON of everything that needs a new container when it changes. */
export function specHash(container: ContainerSpec): string {
  return sha256(container);
}

/** Hex SHA-256 of everything that decides whether a rollout succeeds: one that failed is not tried again while this stays. */
export function attemptHash({ container, health }: ServiceSpec): string {
  return sha256({ container, health });
}

function sha256(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
