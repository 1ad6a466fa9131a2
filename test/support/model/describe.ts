/** A model in words: what a failed property prints, so that a person sees what went wrong. */
import { formatPlan } from '../../../src/reconcilers/plan/format-plan.js';
import type { ServiceSpec } from '../../../src/reconcilers/desired/stack-spec.js';
import { serverAddress } from '../../../src/reconcilers/plan/proxy-model.js';
import type { ModelLoop, Tick } from './model-loop.js';

const SHOWN_TICKS = 8;

export function describeLoop(loop: ModelLoop): string {
  const { world, stack, memory, ticks } = loop;
  const { proxy } = world.observe(stack);
  return [
    `manifest: ${stack.services.map(specText).join('; ')}`,
    ...Object.entries(memory.services).map(([name, { stable, canary, failed }]) =>
      [
        `memory of ${name}:`,
        stable && `stable ${specText(stable)}`,
        canary && `canary ${specText(canary)}`,
        failed && `failed ${failed.message}`,
      ]
        .filter(Boolean)
        .join(' '),
    ),
    ...world.containers.map(
      ({ id, name, state, specHash = '', role, version = '' }) =>
        `${serverAddress(id)} ${role} ${name} ${state} ${version} ${specHash.slice(0, 8)}`,
    ),
    `proxy: confirmed ${String(proxy.confirmed)}, file ${proxy.file}, workers know ${[...proxy.knownToWorkers].join(' ')}`,
    ...(proxy.model?.routes ?? []).map(
      ({ service, path, tracks }) =>
        `route ${service} ${path}: ${tracks.map(({ track, weight, servers }) => `${track} ${String(weight)} [${servers.map(({ address }) => address).join(' ')}]`).join(', ')}`,
    ),
    `last ticks of ${String(ticks.length)}:`,
    story(ticks.slice(-SHOWN_TICKS)),
  ].join('\n');
}

/** Every tick that planned something, with its plan and what was refused. */
export function story(ticks: readonly Tick[]): string {
  return ticks
    .filter(({ plan }) => plan.chains.length > 0)
    .map(({ plan, results }, index) => {
      const refused = results.flatMap((result) =>
        result.kind === 'done'
          ? []
          : [
              `  ${result.kind}: ${result.step.kind} ${result.step.target}${result.kind === 'failed' && result.error instanceof Error ? ` (${result.error.message})` : ''}`,
            ],
      );
      return [String(index + 1), formatPlan(plan.chains), ...refused].join('\n');
    })
    .join('\n');
}

function specText({ name, mode, replicas, container, route, health }: ServiceSpec): string {
  return `${name} ${container.version} ${mode} x${String(replicas)} at ${route?.path ?? 'nowhere'}${health === undefined ? ' (no health)' : ''} restart ${container.restartPolicy}`;
}

/** `track version weight`, as the proxy serves it. */
export function shares({ world, stack: wanted }: ModelLoop): string[] {
  const { containers, proxy } = world.observe(wanted);
  return (proxy.model?.routes ?? []).flatMap(({ tracks }) =>
    tracks.map(({ track, weight, servers }) => {
      const versions = servers.map(
        ({ address }) => containers.find(({ id }) => id.startsWith(address))?.version ?? '?',
      );
      return `${track} ${versions.join('+')} ${String(weight)}`;
    }),
  );
}
