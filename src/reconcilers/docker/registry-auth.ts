/**
 * Registry credentials as the docker CLI finds them: `credHelpers`, then `credsStore`, then `auths` of config.json
 * (dockerode reads none of them). Read anew at each pull, so rotated tokens just work; never logged.
 */
import { parseImageReference } from '../desired/image-reference.js';
import { askHelper, HelperFailed, type Login } from './credential-helper.js';
import { configPath, ConfigUnreadable, dockerConfig, textAt, type DockerConfig } from './docker-config.js';

export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly serveraddress: string;
}

export interface RegistryAuthOptions {
  readonly env: NodeJS.ProcessEnv;
  /** How long a credential helper may take, milliseconds. */
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface FoundAuth {
  /** Absent when no credentials are known for the image's registry. */
  readonly auth?: RegistryAuth;
  /** Why there may be some that could not be had, and what to do. */
  readonly trouble?: string;
}

/** As config.json calls it. */
export const DOCKER_HUB = 'https://index.docker.io/v1/';
/** Other names of the same. */
const HUB_HOSTS: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io']);

/** The registry that a reference is pulled from, in the form that config.json uses as a key. */
export function registryOf(reference: string): string {
  const { registry } = parseImageReference(reference);
  return registry === '' || HUB_HOSTS.has(registry) ? DOCKER_HUB : registry;
}

/**
 * Rejects only when the signal fires: with a helper or a config.json that is of no use, an image that everybody may have is still
 * to be had, as `docker pull` has it.
 */
export async function registryAuth(reference: string, options: RegistryAuthOptions): Promise<FoundAuth> {
  const registry = registryOf(reference);
  try {
    return await authFor(registry, await dockerConfig(options.env), options);
  } catch (error) {
    if (error instanceof ConfigUnreadable) return { trouble: troubleWords(registry, error.message) };
    throw error;
  }
}

async function authFor(
  registry: string,
  config: DockerConfig,
  options: RegistryAuthOptions,
): Promise<FoundAuth> {
  const own = textAt(config.credHelpers, registry);
  const helper = registry in config.credHelpers ? own : textAt(config, 'credsStore');
  try {
    const login = helper === undefined ? undefined : await askHelper({ helper, registry, ...options });
    return found(login === undefined ? stored(config, registry) : authOf(login, registry));
  } catch (error) {
    if (!(error instanceof HelperFailed)) throw error;
    const setting = own === undefined ? 'credsStore' : `credHelpers["${registry}"]`;
    const cure = error.isMissing ? `: install it, or remove ${setting} from ${configPath(options.env)}` : '';
    return { ...found(stored(config, registry)), trouble: troubleWords(registry, `${error.message}${cure}`) };
  }
}

/** What the registry said without the credentials, and why they were missing. */
export function withTrouble(why: string, { trouble }: FoundAuth): string {
  return trouble === undefined ? why : `${why.trimEnd()}; ${trouble}`;
}

function found(auth: RegistryAuth | undefined): FoundAuth {
  return auth === undefined ? {} : { auth };
}

function troubleWords(registry: string, why: string): string {
  const name = registry === DOCKER_HUB ? 'Docker Hub' : registry;
  return `credentials for ${name} may be missing, because ${why}`;
}

/** An identity token is marked by the name of its user. */
function authOf({ username, secret }: Login, registry: string): RegistryAuth {
  return username === '<token>'
    ? { identitytoken: secret, serveraddress: registry }
    : { username, password: secret, serveraddress: registry };
}

function stored({ auths }: DockerConfig, registry: string): RegistryAuth | undefined {
  const key = registry in auths ? registry : Object.keys(auths).find((name) => serverOf(name) === registry);
  const entry = key === undefined ? undefined : auths[key];
  const identitytoken = textAt(entry, 'identitytoken');
  if (identitytoken !== undefined) return { identitytoken, serveraddress: registry };
  const auth = textAt(entry, 'auth');
  if (auth === undefined) return undefined;
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':');
  return { username, password: password.join(':'), serveraddress: registry };
}

/** Of a key as a person or an older client wrote it, with a scheme or a path (`https://ghcr.io/v1/`): who it is of. */
function serverOf(key: string): string {
  const host = key.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/, '');
  return HUB_HOSTS.has(host) ? DOCKER_HUB : host;
}
