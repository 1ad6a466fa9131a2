/** Whether a specification that was kept in a file is one: whoever plans with it relies on every field. */
import { either, flag, listOf, number, objectOf, optional, recordOf, text } from '../../controller/shape.js';
import type {
  CanarySpec,
  ContainerSpec,
  HealthSpec,
  MetricsSpec,
  MountSpec,
  NetworkSpec,
  PolicyEngineSpec,
  ProxySpec,
  ResourceSpec,
  RouteSpec,
  SecuritySpec,
  ServiceSpec,
  StackSpec,
} from './stack-spec.js';

type Share = Extract<CanarySpec['steps'][number], { kind: 'share' }>;
type Pause = Extract<CanarySpec['steps'][number], { kind: 'pause' }>;

const container = objectOf<ContainerSpec>({
  image: text,
  version: text,
  port: optional(number),
  command: optional(listOf(text)),
  env: recordOf(text),
  mounts: listOf(objectOf<MountSpec>({ type: text, source: text, target: text, readOnly: flag })),
  restartPolicy: text,
  resources: objectOf<ResourceSpec>({
    cpus: optional(number),
    memoryBytes: optional(number),
    pids: number,
  }),
  aliases: listOf(text),
  security: objectOf<SecuritySpec>({
    user: optional(text),
    capAdd: listOf(text),
    readOnly: flag,
    tmpfs: listOf(text),
  }),
});

const canary = objectOf<CanarySpec>({
  steps: listOf(
    either(
      objectOf<Share>({ kind: (value) => value === 'share', weight: number, holdMs: number }),
      objectOf<Pause>({ kind: (value) => value === 'pause', ended: optional(flag) }),
    ),
  ),
  sticky: text,
  header: optional(text),
  replicas: number,
  warmupMs: number,
  deadlineMs: number,
  bakeMs: optional(number),
});

export const serviceSpecShape = objectOf<ServiceSpec>({
  name: text,
  mode: text,
  container,
  replicas: number,
  pull: text,
  health: optional(
    objectOf<HealthSpec>({
      path: text,
      intervalMs: number,
      timeoutMs: number,
      retries: number,
      deadlineMs: number,
    }),
  ),
  drainMs: number,
  route: optional(objectOf<RouteSpec>({ host: optional(text), path: text })),
  metrics: optional(objectOf<MetricsSpec>({ path: text })),
  canary: optional(canary),
});

export const stackSpecShape = objectOf<StackSpec>({
  name: text,
  contact: text,
  network: objectOf<NetworkSpec>({ name: text, driver: text }),
  proxy: objectOf<ProxySpec>({
    image: text,
    pull: text,
    port: number,
    timeoutSeconds: number,
    aliases: listOf(text),
  }),
  policyEngine: objectOf<PolicyEngineSpec>({
    image: text,
    pull: text,
    port: number,
    timeoutMs: number,
    policiesDir: optional(text),
  }),
  services: listOf(serviceSpecShape),
  limits: recordOf(recordOf(number)),
  suspend: optional(either(text, listOf(text))),
});
