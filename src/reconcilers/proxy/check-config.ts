/** Tries the configuration that a manifest leads to with `nginx -t`, in a throw-away container of the manifest's own nginx image. */
import { createHash } from 'node:crypto';
import type { ServiceSpec, StackSpec } from '../desired/stack-spec.js';
import { proxyModelOf } from '../plan/plan-proxy.js';
import type { RouteModel, ServerModel } from '../plan/proxy-model.js';
import { runThrowAway, type ThrowAwayPlace } from '../throw-away.js';
import { configFile } from './proxy-files.js';
import { renderConfig } from './render.js';

export interface ConfigVerdict {
  /** nginx's own; absent when it would not say. */
  readonly version?: string;
  /** What nginx says when it refuses, else absent. */
  readonly refusal?: string;
}

/** The file is thrown away with its container: no secret is needed in it. */
const TOKEN = 'no-secret';

/** Undefined when the image is not there yet. */
export async function checkProxyConfig(
  place: ThrowAwayPlace,
  stack: StackSpec,
): Promise<ConfigVerdict | undefined> {
  const image = await place.engine.inspectImage(place.image);
  if (image === undefined) return undefined;
  const version = image.env.NGINX_VERSION ?? (await askVersion(place));
  const config = renderConfig(proxyModelOf(stack, version, { sharesOf: everyReplica }), TOKEN);
  const { exitCode, output } = await runNginx(place, ['-t'], config);
  return {
    ...(version === undefined ? {} : { version }),
    ...(exitCode === 0 ? {} : { refusal: output.trim() || `nginx ended with ${String(exitCode)}` }),
  };
}

async function askVersion(place: ThrowAwayPlace): Promise<string | undefined> {
  const { output } = await runNginx(place, ['-v'], '');
  return /nginx\/([0-9.]+)/.exec(output)?.[1];
}

function runNginx(place: ThrowAwayPlace, args: readonly string[], config: string) {
  return runThrowAway(place, { suffix: 'nginx', entrypoint: ['nginx'], args, files: [configFile(config)] });
}

/** As if all replicas ran: their names are made up, and nobody resolves them. */
function everyReplica({ name, replicas, container }: ServiceSpec): Pick<RouteModel, 'tracks'> {
  const servers = Array.from({ length: replicas }, (_, index): ServerModel => {
    const address = createHash('sha256')
      .update(`${name} ${String(index)}`)
      .digest('hex')
      .slice(0, 12);
    return { address, port: container.port ?? 80 };
  });
  return { tracks: [{ track: 'stable', weight: 100, servers }] };
}
