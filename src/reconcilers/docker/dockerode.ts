/**
 * dockerode without two parts that it loads and this project never uses: gRPC, for BuildKit's sessions, and an ssh client (an engine's
 * address over ssh is refused). Everything else of it is untouched.
 */
import type Dockerode from 'dockerode';
import { createRequire, Module } from 'node:module';

const require = createRequire(import.meta.url);
const ofDockerode = createRequire(require.resolve('dockerode'));

for (const unused of ['./session', 'docker-modem/lib/ssh']) leaveOut(ofDockerode.resolve(unused));

/** Its class, as `import Docker from 'dockerode'` gives it. */
export const Docker = require('dockerode') as typeof Dockerode;
export type Docker = Dockerode;

/** In its place stands what says so when it is called all the same. */
function leaveOut(filename: string): void {
  const refuse = () => {
    throw new Error(`${filename} is left out by src/reconcilers/docker/dockerode.ts`);
  };
  ofDockerode.cache[filename] = Object.assign(new Module(filename), { exports: refuse, loaded: true });
}
