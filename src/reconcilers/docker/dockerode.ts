/**
 * dockerode without two parts that it loads and this project never uses: gRPC, for BuildKit's sessions, and an ssh client (an engine's
 * address over ssh is refused). Everything else of it is untouched.
 */
import type Dockerode from 'dockerode';
import { createRequire, Module } from 'node:module';

export type Docker = Dockerode;

const require = createRequire(import.meta.url);

/** Its class, as `import Docker from 'dockerode'` gives it; loaded by whoever talks to an engine, not by every command. */
export function loadDocker(): typeof Dockerode {
  const ofDockerode = createRequire(require.resolve('dockerode'));
  for (const unused of ['./session', 'docker-modem/lib/ssh']) leaveOut(ofDockerode, unused);
  return require('dockerode') as typeof Dockerode;
}

/** In its place stands what says so when it is called all the same. */
function leaveOut(ofDockerode: NodeJS.Require, unused: string): void {
  const filename = ofDockerode.resolve(unused);
  const refuse = () => {
    throw new Error(`${filename} is left out by src/reconcilers/docker/dockerode.ts`);
  };
  ofDockerode.cache[filename] = Object.assign(new Module(filename), { exports: refuse, loaded: true });
}
