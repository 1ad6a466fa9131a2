/** OPA in its real image, through testcontainers: an idle one to run commands in, or one that serves a bundle. */
import { GenericContainer, Wait, getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';
import { BUNDLE_DIR, OPA_PORT, opaServerArgs } from '../../src/reconcilers/policy/policy-bundle.js';
import type { PolicyFile } from '../../src/reconcilers/policy/policy-files.js';

/** The tests remove what they start; the reaper's image cannot be pulled everywhere. */
process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';

const IMAGE = 'openpolicyagent/opa:latest-static';

/** Serves these files, as the stack's own OPA does; `args`: in another way. */
export function startOpa(
  bundle: readonly PolicyFile[],
  args: readonly string[] = opaServerArgs(),
): Promise<StartedTestContainer> {
  return opaWith(bundle)
    .withCommand([...args])
    .start();
}

/** Has these files in its bundle folder but does not load them: for `/opa check` and `/opa test`. */
export function startIdleOpa(bundle: readonly PolicyFile[]): Promise<StartedTestContainer> {
  return opaWith(bundle)
    .withCommand([
      'run',
      '--server',
      `--addr=0.0.0.0:${OPA_PORT}`,
      '--log-level=error',
      '--skip-version-check',
    ])
    .start();
}

/** Where a started OPA answers. */
export function urlOf(container: StartedTestContainer): string {
  return `http://127.0.0.1:${container.getMappedPort(OPA_PORT)}`;
}

/** Freezes a container's processes: it still accepts connections and answers nothing. */
export async function pause(container: StartedTestContainer): Promise<void> {
  const { container: containers } = await getContainerRuntimeClient();
  await containers.getById(container.getId()).pause();
}

export async function unpause(container: StartedTestContainer): Promise<void> {
  const { container: containers } = await getContainerRuntimeClient();
  await containers.getById(container.getId()).unpause();
}

/** All that it wrote so far. */
export async function logOf(container: StartedTestContainer): Promise<string> {
  const { container: containers } = await getContainerRuntimeClient();
  const log = containers.getById(container.getId()).logs({ stdout: true, stderr: true, follow: false });
  return (await log).toString('utf8');
}

function opaWith(bundle: readonly PolicyFile[]): GenericContainer {
  return new GenericContainer(IMAGE)
    .withCopyContentToContainer(
      bundle.map(({ path, content }) => ({ content, target: `${BUNDLE_DIR}/${path}` })),
    )
    .withExposedPorts(OPA_PORT)
    .withWaitStrategy(Wait.forHttp('/health', OPA_PORT));
}
