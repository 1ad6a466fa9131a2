/**
 * Proves on the live stack that nobody but its owner can talk the policy engine into anything: asks from the network of each part,
 * from a network that has nothing to do with the stack, and from this machine. What it starts carries the stack's labels and is
 * removed whatever happens; what a crash left, the next look removes.
 */
import { containersOf } from '../../basics/containers-of.js';
import { networkInterfaces } from 'node:os';
import type { Engine } from '../../../reconcilers/docker/engine.js';
import { reasonOf } from '../../../reconcilers/docker/engine-errors.js';
import type { StackSpec } from '../../../reconcilers/desired/stack-spec.js';
import { newToken } from '../../../reconcilers/policy/authz-policy.js';
import { runThrowAway } from '../../../reconcilers/throw-away.js';
import { skipped, type Finding } from '../../checks/finding.js';
import { askHere } from './ask-here.js';
import { judgeIsolation, type Seen } from './judge-isolation.js';
import { PROBE_ARGS, probeFiles, readProbe } from './probe-program.js';
import { probeRequests, type ProbeRequest, type Said, type Way } from './requests.js';
import { viewsOf, type View } from './views.js';

export interface IsolationPlace {
  readonly engine: Engine;
  /** Its ports are this machine's. */
  readonly isLocal: boolean;
  readonly stack: Pick<StackSpec, 'name' | 'network' | 'policyEngine'>;
}

const TESTER = 'isolation';
const DOMAIN = 'infrastructure';
const TIMEOUT_MS = 60_000;
const MOST_ADDRESSES = 8;

export async function lookAtIsolation(place: IsolationPlace, signal: AbortSignal): Promise<Finding> {
  const { engine, stack, isLocal } = place;
  const containers = await containersOf(engine, stack.name);
  const otherNetwork = otherNetworkName(stack);
  await removeLeftovers(place, otherNetwork); // first: a network that goes takes an address of this machine with it
  const views = viewsOf(containers, {
    otherNetwork,
    hostAddresses: isLocal ? hostAddresses().slice(0, MOST_ADDRESSES) : [],
  });
  if (views.length === 0) return skipped('no policy engine runs');
  const refusal = await engine.createNetwork(stack.name, otherNetwork, 'bridge').then(() => '', reasonOf);
  try {
    const look = { place, requests: probeRequests(DOMAIN), guess: newToken(), signal };
    const seen = views.map((view, index) =>
      view.network === otherNetwork && refusal !== ''
        ? { name: view.name, said: refusal } // the engine may have no address left for one more network
        : lookFrom(view, index, look),
    );
    return judgeIsolation(await Promise.all(seen));
  } finally {
    await engine.removeNetwork(otherNetwork);
  }
}

interface Looking {
  readonly place: IsolationPlace;
  readonly requests: readonly ProbeRequest[];
  readonly guess: string;
  readonly signal: AbortSignal;
}

/** A part that leaves while it is looked from, as in a rollout, is no finding. */
async function lookFrom(view: View, index: number, look: Looking): Promise<Seen> {
  const { name, network, ways } = view;
  if (network === undefined) return { name, said: await askThisMachine(ways, look) };
  try {
    const output = await runProbe(view, network, String(index), look);
    return { name, said: readProbe(output, ways, look.requests) ?? `the probe failed: ${output}` };
  } catch (error) {
    return { name, said: reasonOf(error) };
  }
}

/** An address that went meanwhile, with its network, is this machine's no more: whoever answered there is a stranger. */
async function askThisMachine(ways: readonly Way[], { requests, guess }: Looking): Promise<readonly Said[]> {
  const before = hostAddresses();
  const said = await askHere(ways, requests, guess);
  const now = hostAddresses();
  const gone = before.filter((address) => !now.includes(address));
  return said.filter(({ way }) => !gone.includes(new URL(way.url).hostname));
}

async function runProbe(
  { ways }: View,
  network: string,
  suffix: string,
  { place, requests, guess, signal }: Looking,
): Promise<string> {
  const { engine, stack } = place;
  const { output } = await runThrowAway(
    {
      engine,
      stack: stack.name,
      image: stack.policyEngine.image,
      tester: TESTER,
      timeoutMs: TIMEOUT_MS,
      signal,
    },
    { suffix, args: PROBE_ARGS, files: probeFiles(ways, requests, guess), network },
  );
  return output;
}

/** Containers first: a network is not removed while the engine still has one of them on it; then it is used once more. */
async function removeLeftovers({ engine, stack }: IsolationPlace, otherNetwork: string): Promise<void> {
  const own = (await engine.listOwned()).filter((part) => part.stack === stack.name);
  const isProbe = (name: string) => name.startsWith(`${stack.name}-${TESTER}-`);
  for (const { what, name, role } of own)
    if (what === 'container' && role === 'check' && isProbe(name)) await engine.removeContainer(name);
  if (own.some(({ what, name }) => what === 'network' && name === otherNetwork))
    await engine.removeNetwork(otherNetwork).catch(() => undefined);
}

/** Never the stack's own, whatever the manifest calls that. */
function otherNetworkName({ name, network }: IsolationPlace['stack']): string {
  const wanted = `${name}-${TESTER}`;
  return network.name === wanted ? `${wanted}-2` : wanted;
}

function hostAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const ours = all.filter(({ family, internal }) => family === 'IPv4' && !internal);
  return ['127.0.0.1', ...ours.map(({ address }) => address)];
}
