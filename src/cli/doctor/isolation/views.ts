/** From where the policy engine is looked for, and on which ways: each part of the stack, a network of its own, this machine. Pure. */
import type { ObservedContainer, PublishedPort, Role } from '../../../reconcilers/observed/world.js';
import { PROXY_PORT } from '../../../reconcilers/plan/templates.js';
import { OPA_PORT } from '../../../reconcilers/policy/policy-bundle.js';
import type { Way } from './requests.js';

export interface View {
  /** As in "from app". */
  readonly name: string;
  /** Of the probe: a network's name, or `container:ID`; absent for this machine. */
  readonly network?: string;
  readonly ways: readonly Way[];
}

export interface Surroundings {
  /** A network that has nothing to do with the stack. */
  readonly otherNetwork: string;
  /** This machine's own; empty where the engine runs elsewhere. */
  readonly hostAddresses: readonly string[];
}

/** Empty while no policy engine runs. */
export function viewsOf(containers: readonly ObservedContainer[], around: Surroundings): readonly View[] {
  const running = containers.filter(({ state }) => state === 'running');
  const of = (role: Role) => running.filter((container) => container.role === role);
  const parts: Parts = { engines: of('policy'), proxy: of('proxy')[0] };
  if (parts.engines.length === 0) return [];
  const inside = [...oneOfEachNetwork(of('service')), ...(parts.proxy === undefined ? [] : [parts.proxy])];
  return [
    ...inside.map((container) => ({
      name: container.service ?? 'nginx',
      network: `container:${container.id}`,
      ways: [...engineWays(parts, container), ...nginxWays(parts, container)],
    })),
    {
      name: 'another network',
      network: around.otherNetwork,
      ways: [...engineWays(parts), ...publicWays(parts, gatewaysOf(parts.engines))],
    },
    ...(around.hostAddresses.length === 0 ? [] : [hostView(parts, around.hostAddresses)]),
  ];
}

interface Parts {
  readonly engines: readonly ObservedContainer[];
  readonly proxy: ObservedContainer | undefined;
}

/** Replicas on the same networks see the same. */
function oneOfEachNetwork(services: readonly ObservedContainer[]): readonly ObservedContainer[] {
  const byNetworks = new Map(services.map((each) => [[...each.networks.keys()].sort().join('\n'), each]));
  return [...byNetworks.values()];
}

/** Name, addresses, gateways, and the name that some engines give to the host. */
function engineWays({ engines }: Parts, from?: ObservedContainer): readonly Way[] {
  const gateways = gatewaysOf(from === undefined ? engines : [...engines, from]);
  return engines.flatMap((engine) => [
    direct('by its name', engine.name, OPA_PORT),
    ...addressWays(engine),
    ...portsOf(engine, OPA_PORT).flatMap(({ host }) => [
      ...gateways.map((gateway) => direct(`by the gateway ${gateway}`, gateway, host)),
      direct('by host.docker.internal', 'host.docker.internal', host),
    ]),
  ]);
}

function addressWays(engine: ObservedContainer): readonly Way[] {
  return addressesOf(engine).map((address) => direct('by its address', address, OPA_PORT));
}

/** As a neighbour, and as everybody. */
function nginxWays(parts: Parts, from: ObservedContainer): readonly Way[] {
  const { proxy } = parts;
  if (proxy === undefined) return [];
  return [through(proxy.name, PROXY_PORT), ...publicWays(parts, gatewaysOf([from]).slice(0, 1))];
}

function publicWays({ proxy }: Parts, hosts: readonly string[]): readonly Way[] {
  const ports = proxy === undefined ? [] : portsOf(proxy, PROXY_PORT);
  return hosts.slice(0, 1).flatMap((host) => ports.map((port) => through(host, port.host)));
}

function hostView(parts: Parts, addresses: readonly string[]): View {
  const ports = parts.engines.flatMap((engine) => portsOf(engine, OPA_PORT));
  return {
    name: 'this machine',
    ways: [
      ...ports.flatMap(({ host }) => addresses.map((each) => direct(`at ${each}`, each, host))),
      ...parts.engines.flatMap(addressWays),
      ...publicWays(parts, addresses),
    ],
  };
}

function direct(words: string, host: string, port: number): Way {
  return { kind: 'direct', words, url: `http://${host}:${String(port)}` };
}

function through(host: string, port: number): Way {
  return { kind: 'public', words: 'through nginx', url: `http://${host}:${String(port)}` };
}

function gatewaysOf(containers: readonly ObservedContainer[]): readonly string[] {
  const endpoints = containers.flatMap(({ networks }) => [...networks.values()]);
  return [...new Set(endpoints.flatMap(({ gateway }) => gateway ?? []))];
}

function addressesOf({ networks }: ObservedContainer): readonly string[] {
  return [...networks.values()].map(({ address }) => address).filter((address) => address !== '');
}

/** Once for each port of the host, whatever its addresses. */
function portsOf({ ports }: ObservedContainer, inside: number): readonly PublishedPort[] {
  const published = ports.filter(({ container }) => container === inside);
  return [...new Map(published.map((port) => [port.host, port])).values()];
}
