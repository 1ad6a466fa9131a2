/**
 * Which shapes of configuration `nginx -t` took in the container that runs. Two configurations of one shape differ in container ids
 * alone, twelve hexadecimal digits each, which `nginx -t` does not look up, or in how large a share is that is neither nothing nor
 * everything: what it said of one it would say of the other.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../desired/canonical-json.js';
import type { ProxyModel } from '../plan/proxy-model.js';

const ANY_ADDRESS = '0'.repeat(12);

export class TestedShapes {
  private containerId = '';
  private readonly shapes = new Set<string>();

  has(containerId: string, model: ProxyModel): boolean {
    return this.containerId === containerId && this.shapes.has(shapeOf(model));
  }

  /** Another container may hold another nginx: what was known of the one before is forgotten. */
  add(containerId: string, model: ProxyModel): void {
    if (this.containerId !== containerId) this.shapes.clear();
    this.containerId = containerId;
    this.shapes.add(shapeOf(model));
  }
}

function shapeOf(model: ProxyModel): string {
  const routes = model.routes.map((route) => ({
    ...route,
    tracks: route.tracks.map((track) => ({
      ...track,
      weight: weightShape(track.weight),
      servers: track.servers.map((server) => ({ ...server, address: ANY_ADDRESS })),
    })),
  }));
  return createHash('sha256')
    .update(canonicalJson({ ...model, routes }))
    .digest('hex');
}

function weightShape(weight: number): number {
  return weight > 0 && weight < 100 ? 50 : weight;
}
