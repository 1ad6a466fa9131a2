/** The least that is a status.json: of a stack of which nothing was said yet. */
export const EMPTY_STATUS = {
  apiVersion: 'swiftdeploy/v1',
  kind: 'StackStatus',
  stack: 'shop',
  generation: 1,
  observedGeneration: 1,
  manifest: { path: '/srv/manifest.yaml' },
  conditions: [],
  services: [],
  policies: [],
} as const;
