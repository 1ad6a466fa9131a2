/** The configuration files inside the proxy's container: read when somebody may have touched them, written through the archive API. */
import type { ContainerFile, Engine } from '../docker/engine.js';
import { FALLBACK_USER } from '../plan/container-template.js';

export const CONFIG_PATH = '/etc/nginx/nginx.conf';
export const CANDIDATE_PATH = '/etc/nginx/nginx.conf.candidate';
/** It holds the admin token. */
const CONFIG_MODE = 0o600;

export class ProxyFiles {
  private known: { containerId: string; text: string | undefined } | undefined;
  /** Events that our own writes and tests will cause. */
  private expected = 0;

  constructor(private readonly engine: Engine) {}

  /** A program ran in the container, or files went in: unless that was us, what is known may be wrong. */
  touched(): void {
    if (this.expected > 0) this.expected -= 1;
    else this.known = undefined;
  }

  forget(): void {
    this.known = undefined;
    this.expected = 0;
  }

  /** The configuration as it stands; absent when there is no such file. */
  async read(containerId: string): Promise<string | undefined> {
    if (this.known?.containerId !== containerId) {
      const bytes = await this.engine.getFile(containerId, CONFIG_PATH);
      this.known = { containerId, text: bytes?.toString('utf8') };
    }
    return this.known.text;
  }

  async writeConfig(containerId: string, text: string): Promise<void> {
    await this.write(containerId, CONFIG_PATH, text);
    this.known = { containerId, text };
  }

  /** Puts a candidate beside the configuration and has nginx test it; what nginx says when it refuses, else nothing. */
  async test(containerId: string, text: string): Promise<string | undefined> {
    await this.write(containerId, CANDIDATE_PATH, text);
    this.expected += 1;
    const { exitCode, output } = await this.engine.exec(containerId, ['nginx', '-t', '-c', CANDIDATE_PATH]);
    return exitCode === 0 ? undefined : output.trim();
  }

  private write(containerId: string, path: string, text: string): Promise<void> {
    this.expected += 1;
    return this.engine.putFiles(containerId, [configFile(text, path)]);
  }
}

/** A configuration as it lies in a proxy's container, for nginx's user alone. */
export function configFile(text: string, path = CONFIG_PATH): ContainerFile {
  return { path, content: text, mode: CONFIG_MODE, uid: Number.parseInt(FALLBACK_USER, 10) };
}
