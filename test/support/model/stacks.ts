/** Stacks and services for tests, in the internal form; what is not said is as the manifest's defaults have it. */
import type {
  ContainerSpec,
  HealthSpec,
  ServiceSpec,
  StackSpec,
} from '../../../src/reconcilers/desired/stack-spec.js';
import type { Step } from '../../../src/reconcilers/plan/steps.js';

export const HEALTH: HealthSpec = {
  path: '/healthz',
  intervalMs: 1000,
  timeoutMs: 500,
  retries: 3,
  deadlineMs: 5000,
};

export type ServiceChange = Partial<Omit<ServiceSpec, 'container'>> & {
  readonly container?: Partial<ContainerSpec>;
};

/** A service `app` of version 1.0.0 with one replica at `/`; `false` takes an optional part away. */
export function service(
  change: ServiceChange & { readonly noHealth?: true; readonly noRoute?: true } = {},
): ServiceSpec {
  const { container, noHealth, noRoute, ...rest } = change;
  return {
    name: 'app',
    mode: 'stable',
    replicas: 1,
    pull: 'missing',
    drainMs: 2000,
    ...(noHealth ? {} : { health: HEALTH }),
    ...(noRoute ? {} : { route: { path: '/' } }),
    ...rest,
    container: {
      image: 'app:1',
      version: '1.0.0',
      port: 3000,
      env: {},
      mounts: [],
      restartPolicy: 'unless-stopped',
      resources: { pids: 100 },
      aliases: [],
      security: { capAdd: [], readOnly: false, tmpfs: [] },
      ...container,
    },
  };
}

/** `app` in another version: everything else as `service` says. */
export function version(text: string, change: ServiceChange = {}): ServiceSpec {
  return service({ ...change, container: { version: text, ...change.container } });
}

/** A stack `shop` on network `shop-net`; services are sorted, as the manifest's are. */
export function stack(services: readonly ServiceSpec[], change: Partial<StackSpec> = {}): StackSpec {
  return {
    name: 'shop',
    contact: 'ops@example.com',
    network: { name: 'shop-net', driver: 'bridge' },
    proxy: { image: 'nginx:1', pull: 'missing', port: 8080, timeoutSeconds: 30, aliases: [] },
    policyEngine: { image: 'opa:1', pull: 'missing', port: 8181, timeoutMs: 1000 },
    limits: {},
    ...change,
    services: [...services].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** A step that asks `deploy`, where any would do. */
export const PULL: Step = {
  kind: 'pullImage',
  target: 'asked',
  image: 'asked',
  cause: 'a test asks',
  gate: { question: 'deploy', direction: 'forward' },
};
