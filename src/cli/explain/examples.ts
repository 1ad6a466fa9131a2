/** An example of each field: its default, unless that says nothing; then the one given here. Pure. */
import { stringify } from 'yaml';
import type { Field } from './find-field.js';
import { childrenOf, type SchemaNode } from './schema-node.js';

const STEPS = { steps: [{ weight: 5, hold: '10m' }, { pause: true }, { weight: 50 }] };

const EXAMPLES: Readonly<Record<string, unknown>> = {
  '': {
    services: { image: 'swift-deploy-1-node:latest', port: 3000, mode: 'stable', version: '1.0.0' },
    nginx: { image: 'nginx:latest', port: 8080 },
    network: { name: 'swiftdeploy-net' },
  },
  name: 'shop',
  contact: 'ops@example.com',
  policy: { infrastructure: { min_disk_free_gb: 20 } },
  services: { image: 'swift-deploy-1-node:latest', port: 3000, mode: 'stable', version: '1.0.0' },
  'services.name': 'app',
  'services.image': 'swift-deploy-1-node:latest',
  'services.port': 3000,
  'services.version': '1.0.0',
  'services.log_volume': 'swiftdeploy-logs',
  'services.command': ['node', 'server.js'],
  'services.env': { LOG_LEVEL: 'debug' },
  'services.volumes': ['data:/var/lib/app', '/etc/app:/etc/app:ro'],
  'services.resources.cpus': 0.5,
  'services.resources.memory': '256m',
  'services.route.host': 'api.example.com',
  'services.route.path': '/api',
  'services.aliases': ['backend'],
  'services.user': '10001:10001',
  'services.cap_add': ['NET_BIND_SERVICE'],
  'services.read_only': true,
  'services.tmpfs': ['/tmp'],
  'services.replicas': 2,
  'services.canary': { ...STEPS, sticky: 'cookie', header: 'X-Canary', deadline: '1h' },
  'services.canary.steps': STEPS.steps,
  'nginx.image': 'nginx:latest',
  'nginx.port': 8080,
  'nginx.aliases': ['gateway'],
  'network.name': 'swiftdeploy-net',
  'opa.policies_dir': 'policies',
  'opa.container_name': 'opa',
  'audit.history_file': 'history.jsonl',
  'audit.report_file': 'audit_report.md',
};

/** Fields that cannot stand alone: shown with what they need, at the place of the whole. */
const WHOLES: readonly (readonly [string, string, unknown])[] = [
  ...['weight', 'hold', 'pause'].map(
    (key) => [`services.canary.steps.${key}`, 'services.canary', STEPS] as const,
  ),
  ['services.canary.sticky', 'services.canary', { ...STEPS, sticky: 'ip' }],
  ['services.canary.header', 'services.canary', { ...STEPS, header: 'X-Canary' }],
  ['services.canary.replicas', 'services.canary', { ...STEPS, replicas: 1 }],
  ['services.canary.warmup', 'services.canary', { ...STEPS, warmup: '30s' }],
  ['services.canary.deadline', 'services.canary', { ...STEPS, deadline: '2h' }],
  ['services.canary.bake', 'services.canary', { ...STEPS, bake: '30m' }],
];

/** As it stands in a manifest, from the top; undefined where nothing can be shown. */
export function exampleOf({ path, node }: Field): string | undefined {
  const [, home = path, whole] = WHOLES.find(([field]) => field === path) ?? [];
  const value = whole ?? exampleValue(path, node);
  if (value === undefined) return undefined;
  const keys = home.split('.').filter((key) => key !== '');
  const nested = keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  return stringify(nested, { lineWidth: 0 }).trimEnd();
}

function exampleValue(path: string, node: SchemaNode): unknown {
  if (path in EXAMPLES) return EXAMPLES[path];
  const children = childrenOf(node).filter(([, { deprecated }]) => deprecated !== true || node.deprecated);
  if (children.length > 0)
    return Object.fromEntries(
      children
        .map(([name, child]) => [name, exampleValue(`${path}.${name}`, child)] as const)
        .filter(([, value]) => value !== undefined),
    );
  if (node.default !== undefined) return node.default;
  return node.enum?.[0] ?? (node.type === 'number' ? 1 : undefined);
}
