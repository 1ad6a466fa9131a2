/** Deterministic names, so that the Engine itself refuses a double create. */
import type { StackSpec } from '../desired/stack-spec.js';
import type { Track } from './proxy-model.js';

export function serviceContainerName(
  stack: string,
  slot: { service: string; track: Track; specHash: string; replica: number },
): string {
  return `${stack}-${slot.service}-${slot.track}-${slot.specHash.slice(0, 8)}-${String(slot.replica)}`;
}

export function proxyContainerName(stack: string): string {
  return `${stack}-proxy`;
}

export function policyContainerName(stack: string, digest: string): string {
  return `${stack}-policy-${digest.slice(0, 8)}`;
}

/** It decides while the one of `policyContainerName` takes the manifest's port. */
export function interimPolicyContainerName(stack: string, digest: string): string {
  return `${policyContainerName(stack, digest)}-next`;
}

/** The policy engine's own bridge: the workload's network has no way to it. */
export function policyNetworkName(stack: string): string {
  return `${stack}-policy`;
}

/** Where a container goes whose name is needed by its replacement. */
export function setAsideName(name: string, id: string): string {
  return `${name}-old-${id.slice(0, 6)}`;
}

/** It was renamed to make room for its replacement. */
export function isSetAside({ name, id }: { readonly name: string; readonly id: string }): boolean {
  return name.endsWith(setAsideName('', id));
}

/** The named volumes of the whole stack, sorted. */
export function volumeNames(stack: StackSpec): string[] {
  const names = stack.services.flatMap((service) =>
    service.container.mounts.filter((mount) => mount.type === 'volume').map((mount) => mount.source),
  );
  return [...new Set(names)].sort();
}
