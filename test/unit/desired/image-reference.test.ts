import { describe, expect, it } from 'vitest';
import { parseImageReference } from '../../../src/reconcilers/desired/image-reference.js';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

describe('parseImageReference', () => {
  it.each([
    ['nginx', 'docker.io', 'library/nginx', 'nginx', 'latest'],
    ['nginx:1.27-alpine', 'docker.io', 'library/nginx', 'nginx', '1.27-alpine'],
    ['openpolicyagent/opa:0.70.0-static', 'docker.io', 'openpolicyagent/opa', 'opa', '0.70.0-static'],
    ['docker.io/nginx', 'docker.io', 'library/nginx', 'nginx', 'latest'],
    ['index.docker.io/me/app:1', 'docker.io', 'me/app', 'app', '1'],
    ['localhost/app', 'localhost', 'app', 'app', 'latest'],
    ['localhost:5000/a/b/app', 'localhost:5000', 'a/b/app', 'app', 'latest'],
    ['[::1]:5000/app:2', '[::1]:5000', 'app', 'app', '2'],
    ['Registry/app', 'Registry', 'app', 'app', 'latest'],
  ])('%s', (reference, registry, repository, name, tag) => {
    expect(parseImageReference(reference)).toEqual({ registry, repository, name, tag });
  });

  it.each([
    [`ghcr.io/o/app:v1@${DIGEST}`, 'ghcr.io', 'o/app', 'app', 'v1'],
    [`app@${DIGEST}`, 'docker.io', 'library/app', 'app', ''],
    [DIGEST, '', '', '', ''],
  ])('%s is pinned', (reference, registry, repository, name, tag) => {
    expect(parseImageReference(reference)).toEqual({ registry, repository, name, tag, digest: DIGEST });
  });
});
