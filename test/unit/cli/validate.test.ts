import { describe, expect, test } from 'vitest';
import { manifestLook } from '../../../src/cli/checks/manifest-look.js';
import { judgeFields, judgeManifest, judgeRoutes } from '../../../src/cli/validate/manifest-checks.js';
import { loadManifest } from '../../../src/reconcilers/desired/load-manifest.js';
import { loadWithOutline } from '../../../src/reconcilers/desired/manifest-outline.js';

const GOOD = `services:
  name: app
  image: app:1
  port: 3000
  mode: stable
  version: "1"
nginx: { image: "nginx:1", port: 8080 }
network: { name: net }
`;

function look(text: string) {
  return manifestLook('m.yaml', Buffer.from(text));
}

function outlineOf(text: string) {
  return loadWithOutline(Buffer.from(text), 'm.yaml').outline;
}

describe('manifest and fields', () => {
  test('what is missing is told once, on its own line', () => {
    const seen = look(GOOD.replace('  image: app:1\n', '').replace('port: 8080', 'port: 0'));
    expect(judgeManifest(seen)).toMatchObject({
      result: 'fail',
      found: 'm.yaml has 1 error',
      items: [{ result: 'fail', found: 'm.yaml:6:34 nginx.port must be >= 1 (got 0)' }],
    });
    expect(judgeFields(seen)).toMatchObject({
      result: 'fail',
      found: '1 required field missing',
      items: [{ found: 'm.yaml:1:1 services.image is required' }],
    });
  });

  test('a stack that runs under another name would be refused', () => {
    const seen = manifestLook('m.yaml', Buffer.from(GOOD), 'old');
    expect(judgeManifest(seen).items?.[0]?.found).toBe(
      'm.yaml the stack runs as old and cannot become net: tear it down first, or keep "name: old"',
    );
    expect(seen.stack).toBeUndefined();
    expect(manifestLook('m.yaml', Buffer.from(GOOD), 'net').stack?.name).toBe('net');
  });

  test.each([
    [true, 'go to the directory that has it, or name it with -f'],
    [false, 'name with -f a plain file that you may read; what a command prints is saved to one first'],
  ])('advises by what is there in its place (nothing: %s)', (isMissing, cure) => {
    const seen = { path: 'm.yaml', isThere: false, isMissing, problems: [] };
    expect(judgeManifest(seen)).toMatchObject({ result: 'fail', cure });
    expect(judgeFields(seen).found).toBe(
      `not checked: ${isMissing ? 'there is no manifest' : 'the manifest cannot be read'}`,
    );
  });

  test('a dialect is a warning', () => {
    const seen = judgeManifest(look(GOOD.replace('mode:', 'restart: always\n  mode:')));
    expect(seen.result).toBe('warn');
    expect(seen.items?.[0]?.found).toMatch(/^m\.yaml:5:3 .*restart_policy/);
  });

  test('a text that is no YAML has no fields to look for', () => {
    const seen = look('a: [');
    expect(judgeManifest(seen).result).toBe('fail');
    expect(judgeFields(seen)).toEqual({
      result: 'skipped',
      found: 'not checked: the manifest cannot be read',
    });
  });
});

describe('routes', () => {
  function routesOf(text: string) {
    const loaded = loadManifest(Buffer.from(text), 'm.yaml');
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    return judgeRoutes(loaded.stack);
  }

  test('says what answers where', () => {
    expect(routesOf(GOOD)).toEqual({ result: 'ok', found: '/ → app:3000' });
  });

  test('nobody reachable is a warning', () => {
    const workers = GOOD.replace('port: 3000', 'health: false');
    const text = `services:\n  a: { image: "x:1" , version: "1" }\n  b: { image: "x:1", version: "1" }\n${workers.slice(workers.indexOf('nginx'))}`;
    expect(routesOf(text)).toMatchObject({
      result: 'warn',
      found: expect.stringContaining('port 8080') as string,
    });
  });
});

describe('the outline of a manifest', () => {
  test('of a good one and of the same with an error are the same', () => {
    const outline = outlineOf(GOOD);
    expect(outline).toEqual({
      name: 'net',
      images: [
        { wantedBy: 'nginx', reference: 'nginx:1', pull: 'missing' },
        { wantedBy: 'opa', reference: 'openpolicyagent/opa:latest-static', pull: 'missing' },
        { wantedBy: 'app', reference: 'app:1', pull: 'missing' },
      ],
      proxyPort: 8080,
      policyPort: 8181,
      policyImage: 'openpolicyagent/opa:latest-static',
    });
    expect(outlineOf(GOOD.replace('3000', 'x'))).toEqual(outline);
  });

  test('leaves out what cannot be told, and reads dialects', () => {
    const text = `services: { web: { image: "a b" }, api: { image: "api:1", pull: never } }
nginx: { port: 70000 }
opa: { host_port: 9191, image: 7, policies_dir: mine }
network: { name: "not a name" }
`;
    expect(outlineOf(text)).toEqual({
      images: [{ wantedBy: 'api', reference: 'api:1', pull: 'never' }],
      policyPort: 9191,
      policyImage: 'openpolicyagent/opa:latest-static',
      policiesDir: 'mine',
    });
  });

  test.each(['', 'a: [', '\u0000', '- list'])('there is none of %j', (text) => {
    expect(outlineOf(text)).toBeUndefined();
  });
});
