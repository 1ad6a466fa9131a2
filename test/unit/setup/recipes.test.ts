import { describe, expect, it } from 'vitest';
import { parseImageReference } from '../../../src/reconcilers/desired/image-reference.js';
import { recipeFor } from '../../../src/setup/recipes/index.js';
import { opaVersion } from '../../../src/setup/recipes/opa.js';

describe('recipeFor', () => {
  it.each(['nginx:latest', 'nginx:1.27-alpine', 'mirror.example/nginx', 'openpolicyagent/opa:0.70.0-static'])(
    'knows a stand-in for %s, to be made when it cannot be pulled',
    (reference) => {
      expect(recipeFor(parseImageReference(reference))?.mayPull).toBe(true);
    },
  );

  it('never pulls the sample workload, a name that anybody could register', () => {
    expect(recipeFor(parseImageReference('swift-deploy-1-node:latest'))?.mayPull).toBe(false);
  });

  it.each(['redis:7', 'me/nginx-exporter', 'someone/swift-deploy-1-node', 'me/node'])(
    'has none for %s',
    (reference) => {
      expect(recipeFor(parseImageReference(reference))).toBeUndefined();
    },
  );
});

describe('opaVersion', () => {
  it.each([
    ['0.70.0-static', 'v0.70.0'],
    ['v1.4.2', 'v1.4.2'],
    ['latest-static', 'v1.21.1'],
    ['1-static', 'v1.21.1'],
  ])('%s builds %s', (tag, version) => {
    expect(opaVersion(tag)).toBe(version);
  });
});
