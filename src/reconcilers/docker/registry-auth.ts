/**
 * Registry credentials as the docker CLI finds them: `credHelpers`, then `credsStore`, then `auths` of config.json
 * (dockerode reads none of them). Read anew at each pull, so rotated tokens just work; never logged.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseImageReference } from '../desired/image-reference.js';
import { collect } from './output.js';

export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
}

interface DockerConfig {
  readonly auths?: Record<string, { auth?: string; identitytoken?: string }>;
  readonly credHelpers?: Record<string, string>;
  readonly credsStore?: string;
}

/** As config.json calls it. */
export const DOCKER_HUB = 'https://index.docker.io/v1/';

/** The registry that a reference is pulled from, in the form that config.json uses as a key. */
export function registryOf(reference: string): string {
  const { registry } = parseImageReference(reference);
  return registry === 'docker.io' || registry === '' ? DOCKER_HUB : registry;
}

/** Absent when config.json knows no credentials for the image's registry; throws when a helper it names fails. */
export async function registryAuth(
  reference: string,
  env: NodeJS.ProcessEnv,
): Promise<RegistryAuth | undefined> {
  const registry = registryOf(reference);
  const config = await dockerConfig(env);
  const helper = config.credHelpers?.[registry] ?? config.credsStore;
  const fromHelper = helper === undefined ? undefined : await askHelper(helper, registry, env);
  return fromHelper ?? stored(config, registry);
}

async function dockerConfig(env: NodeJS.ProcessEnv): Promise<DockerConfig> {
  const path = join(env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), '.docker'), 'config.json');
  const text = await readFile(path, 'utf8').catch(() => '{}');
  return JSON.parse(text) as DockerConfig;
}

function stored(config: DockerConfig, registry: string): RegistryAuth | undefined {
  const entry = config.auths?.[registry] ?? config.auths?.[`https://${registry}`];
  if (entry?.identitytoken) return { identitytoken: entry.identitytoken, serveraddress: registry };
  if (!entry?.auth) return undefined;
  const [username = '', ...password] = Buffer.from(entry.auth, 'base64').toString('utf8').split(':');
  return { username, password: password.join(':'), serveraddress: registry };
}

/** The credential helper protocol: the server on stdin, JSON on stdout, non-zero for "not found". */
async function askHelper(
  helper: string,
  registry: string,
  env: NodeJS.ProcessEnv,
): Promise<RegistryAuth | undefined> {
  const child = spawn(`docker-credential-${helper}`, ['get'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  child.stdin.on('error', () => undefined).end(registry);
  const [output, code] = await Promise.all([collect(child.stdout), exited]);
  if (code !== 0) return undefined;
  const answer = JSON.parse(output.toString('utf8')) as { Username: string; Secret: string };
  return answer.Username === '<token>'
    ? { identitytoken: answer.Secret, serveraddress: registry }
    : { username: answer.Username, password: answer.Secret, serveraddress: registry };
}
