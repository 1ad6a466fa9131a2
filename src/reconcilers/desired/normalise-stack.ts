/** An accepted manifest to the one internal form. */
import { DEFAULT_SERVICE_NAME } from './manifest-services.js';
import { looksLikeOneService } from './manifest-schema.js';
import { milliseconds, normaliseService } from './normalise-service.js';
import type { RawManifest, RawService } from './raw-manifest.js';
import type { PolicyEngineSpec, ProxySpec, ServiceSpec, StackSpec } from './stack-spec.js';

/** The stack that the manifest describes. */
export function normaliseStack(raw: RawManifest): StackSpec {
  return {
    name: raw.name ?? raw.network.name,
    contact: raw.contact,
    network: { name: raw.network.name, driver: raw.network.driver_type },
    proxy: proxyOf(raw),
    policyEngine: policyEngineOf(raw),
    services: servicesOf(raw),
    limits: limitsOf(raw),
    ...suspendOf(raw),
  };
}

function proxyOf({ nginx }: RawManifest): ProxySpec {
  return {
    image: nginx.image,
    pull: nginx.pull,
    port: nginx.port,
    timeoutSeconds: milliseconds(nginx.proxy_timeout) / 1000,
    aliases: [...new Set(nginx.aliases)].sort(),
  };
}

function policyEngineOf({ opa }: RawManifest): PolicyEngineSpec {
  return {
    image: opa.image,
    pull: opa.pull,
    port: opa.port,
    timeoutMs: milliseconds(opa.timeout),
    ...(opa.policies_dir !== undefined && { policiesDir: opa.policies_dir }),
  };
}

function suspendOf(raw: RawManifest): Pick<StackSpec, 'suspend'> {
  if (raw.suspend) return { suspend: 'stack' };
  const names = namedServices(raw).flatMap(([key, { name, suspend }]) => (suspend ? [name ?? key] : []));
  return names.length === 0 ? {} : { suspend: names.sort() };
}

function servicesOf(raw: RawManifest): ServiceSpec[] {
  const named = namedServices(raw);
  return named
    .map(([key, service]) => normaliseService(service.name ?? key, service, named.length === 1))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function namedServices({ services }: RawManifest): readonly (readonly [string, RawService])[] {
  return isOneService(services) ? [[DEFAULT_SERVICE_NAME, services]] : Object.entries(services);
}

function isOneService(services: RawManifest['services']): services is RawService {
  return looksLikeOneService(services);
}

/** Plain objects with a prototype, as the rest of the program expects. */
function limitsOf({ policy }: RawManifest): StackSpec['limits'] {
  return Object.fromEntries(Object.entries(policy).map(([domain, limits]) => [domain, { ...limits }]));
}
