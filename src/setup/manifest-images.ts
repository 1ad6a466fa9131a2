/**
 * Reads which images and which port a manifest names, and nothing else: a manifest with errors is the controller's
 * business, so whatever cannot be read here falls back to the sample's values.
 */
import { parse } from 'yaml';
import { readSource } from '../controller/read-source.js';

export interface ManifestNeeds {
  /** Without doubles: proxy, policy engine, then the services'. */
  readonly images: readonly string[];
  readonly port: number;
}

const NGINX_IMAGE = 'nginx:latest';
const OPA_IMAGE = 'openpolicyagent/opa:latest-static';
const WORKLOAD_IMAGE = 'swift-deploy-1-node:latest';
const DEFAULT_PORT = 8080;

/** A manifest larger than this is not one. */
const LIMIT_BYTES = 1_000_000;

/** Reads the file; a missing or unreadable one needs what the sample needs. */
export async function readManifestNeeds(path: string): Promise<ManifestNeeds> {
  const source = await readSource(path, LIMIT_BYTES);
  return manifestNeeds(source.kind === 'content' ? source.bytes.toString('utf8') : '');
}

export function manifestNeeds(text: string): ManifestNeeds {
  const manifest = asRecord(parseLeniently(text));
  const nginx = asRecord(manifest.nginx);
  const services = serviceImages(asRecord(manifest.services));
  const images = [
    imageOf(nginx) ?? NGINX_IMAGE,
    imageOf(asRecord(manifest.opa)) ?? OPA_IMAGE,
    ...(services.length > 0 ? services : [WORKLOAD_IMAGE]),
  ];
  return { images: [...new Set(images)], port: typeof nginx.port === 'number' ? nginx.port : DEFAULT_PORT };
}

/** Both published forms: one service, or a map of them. */
function serviceImages(services: Record<string, unknown>): string[] {
  const single = imageOf(services);
  if (single !== undefined) return [single];
  return Object.values(services)
    .map((service) => imageOf(asRecord(service)))
    .filter((image) => image !== undefined);
}

function imageOf(part: Record<string, unknown>): string | undefined {
  return typeof part.image === 'string' && part.image.trim() !== '' ? part.image.trim() : undefined;
}

function parseLeniently(text: string): unknown {
  if (text.length > LIMIT_BYTES) return undefined;
  try {
    return parse(text, { logLevel: 'error', maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
