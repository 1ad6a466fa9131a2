import { describe, expect, test } from 'vitest';
import { editMode, type ModeEdit } from '../../../src/cli/promote/promote-edit.js';
import type { Mode } from '../../../src/reconcilers/desired/stack-spec.js';
import { REST, stackOf } from '../desired/manifest-text.js';

function edit(text: string, mode: Mode = 'canary', service = 'app'): ModeEdit {
  const bytes = Buffer.from(text);
  return editMode(bytes, stackOf(bytes), { service, mode });
}

/** The text afterwards; throws why not. */
function edited(text: string, mode: Mode = 'canary', service = 'app'): string {
  const result = edit(text, mode, service);
  if (result.kind !== 'edited') throw new Error(result.kind === 'refused' ? result.why : result.kind);
  return result.bytes.toString('utf8');
}

function why(text: string, service = 'app'): string {
  const result = edit(text, 'canary', service);
  return result.kind === 'refused' ? result.why : result.kind;
}

const FULL = `# who: ops
services:
  name: app      # optional
  image: swift-deploy-1-node:latest
  port: 3000
  mode: stable   # stable | canary: stable is the default

  version: "1.0.0"
nginx: { image: "nginx:latest", port: 8080, proxy_timeout: 30 }
network: { name: swiftdeploy-net, driver_type: bridge }
contact: "stable@example.com"
`;

const SMALL = `services:
  name: app
  image: swift-deploy-1-node:latest
  port: 3000
  version: "1.0.0"
  mode: stable
nginx:
  image: nginx:latest
  port: 8080
  proxy_timeout: 30
network:
  name: swiftdeploy-net
  driver_type: bridge
`;

const MANY = `services:
  web:
    image: app
    port: 3000
    mode: stable # of web
  api:
    image: app
    port: 3001
    route: { path: /api }
    mode: stable # of api
${REST}`;

describe('an edit changes one word', () => {
  test.each([
    ['the fuller published form', FULL],
    ['the smaller published form', SMALL],
    ['CRLF', SMALL.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${FULL}`],
    ['no line end at the end', SMALL.trimEnd()],
    ['single quotes', FULL.replace('mode: stable', "mode: 'stable'")],
    ['double quotes', FULL.replace('mode: stable', 'mode: "stable"')],
    ['an anchor that nobody uses', FULL.replace('mode: stable', 'mode: &mode stable')],
    ['a tag', FULL.replace('mode: stable', 'mode: !!str stable')],
    ['a quoted key', FULL.replace('mode: stable', '"mode": stable')],
    ['a space before the colon', FULL.replace('mode: stable', 'mode : stable')],
    ['flow style', `services: {image: app, port: 3000, mode: stable}\n${REST}`],
    ['flow style over lines', `services: {\n  image: app, port: 3000,\n  mode: stable,\n}\n${REST}`],
    ['tabs, and a tab before a comment', FULL.replace('mode: stable ', 'mode:\tstable\t')],
    ['an explicit key', FULL.replace('  mode: stable ', '  ? mode\n  : stable ')],
    ['a directive and document markers', `%YAML 1.2\n---\n${SMALL}...\n`],
    ['a tag and an anchor', FULL.replace('mode: stable', 'mode: !!str &mode stable')],
    ['letters of several bytes before it', FULL.replace('# who: ops', '# who: 😀 ümlaut')],
    ['the value on a line of its own', FULL.replace('mode: stable ', 'mode:\n    stable ')],
  ])('%s', (_name, text) => {
    expect(edited(text)).toBe(
      text.replace(/(mode["']?\s*:\s*(?:!!str )?(?:&mode )?["']?)stable/, '$1canary'),
    );
    expect(edited(edited(text), 'stable')).toBe(text);
  });

  test('JSON', () => {
    const json = JSON.stringify({
      services: { image: 'app', port: 3000, mode: 'stable' },
      nginx: { image: 'nginx', port: 8080 },
      network: { name: 'net' },
    });
    expect(edited(json)).toBe(json.replace('"stable"', '"canary"'));
  });

  test('a folded block, whose header says the word too', () => {
    const text = FULL.replace(/mode: stable.*\n/, 'mode: >- # stable by default\n    stable\n');
    expect(edited(text)).toBe(text.replace('    stable\n', '    canary\n'));
  });

  test('escapes are written anew', () => {
    expect(edited(FULL.replace('mode: stable', 'mode: "st\\x61ble"'))).toBe(
      FULL.replace('mode: stable', 'mode: "canary"'),
    );
  });

  test('of the service that was named', () => {
    expect(edited(MANY, 'canary', 'api')).toBe(MANY.replace('stable # of api', 'canary # of api'));
    expect(edited(MANY, 'canary', 'web')).toBe(MANY.replace('stable # of web', 'canary # of web'));
  });

  test('and says on which line', () => {
    expect(edit(FULL)).toMatchObject({ kind: 'edited', from: 'stable', line: 6 });
  });
});

describe('a missing mode is inserted', () => {
  test('after the port, as deep as its neighbours', () => {
    const text = SMALL.replace('  mode: stable\n', '');
    expect(edited(text)).toBe(text.replace('  port: 3000\n', '  port: 3000\n  mode: canary\n'));
  });

  test('behind a comment at the end of the line, with CRLF', () => {
    const text = SMALL.replace('  mode: stable\n', '')
      .replace('port: 3000', 'port: 3000 # inside')
      .replaceAll('\n', '\r\n');
    expect(edited(text)).toBe(text.replace('# inside\r\n', '# inside\r\n  mode: canary\r\n'));
  });

  test('with the line end of the line before, where a file has both', () => {
    const text = SMALL.replace('  mode: stable\n', '').replace('"1.0.0"\n', '"1.0.0"\r\n');
    expect(edited(text)).toBe(text.replace('  port: 3000\n', '  port: 3000\n  mode: canary\n'));
  });

  test('in the map form, four deep', () => {
    const text = MANY.replace('    mode: stable # of api\n', '');
    expect(edited(text, 'canary', 'api')).toBe(
      text.replace('    port: 3001\n', '    port: 3001\n    mode: canary\n'),
    );
  });

  test('at the end of a file without a line end', () => {
    const text = `${REST}services:\n  image: app\n  port: 3000`;
    expect(edited(text)).toBe(`${text}\n  mode: canary`);
  });

  test.each([
    ['{image: app, port: 3000}', '{mode: canary, image: app, port: 3000}'],
    ['{ image: app, port: 3000 }', '{ mode: canary, image: app, port: 3000 }'],
    ['{"image": "app", "port": 3000}', '{"mode": "canary", "image": "app", "port": 3000}'],
    ['{ # why\n  image: app, port: 3000 }', '{ mode: canary, # why\n  image: app, port: 3000 }'],
    ['{\n  image: app, port: 3000 }', '{ mode: canary,\n  image: app, port: 3000 }'],
  ])('in flow style: %j', (before, after) => {
    expect(edited(`services: ${before}\n${REST}`)).toBe(`services: ${after}\n${REST}`);
  });

  test('over one that is merged in', () => {
    const text = `services:\n  a: &base\n    image: app\n    port: 3000\n    mode: stable\n  b:\n    <<: *base\n    image: other\n    route: { path: /b }\n${REST}`;
    expect(edited(text, 'canary', 'b')).toBe(
      text.replace('    image: other\n', '    image: other\n    mode: canary\n'),
    );
  });
});

describe('refused, with a sentence', () => {
  test('an alias for a mode', () => {
    const text = MANY.replace('mode: stable # of web', 'mode: &m stable').replace(
      'mode: stable # of api',
      'mode: *m',
    );
    expect(why(text, 'api')).toBe('the mode of api is an alias (*m): write the word itself, then promote it');
    expect(why(text, 'web')).toBe(
      'the mode of web is shared with api through an anchor: write them apart, then promote it',
    );
  });

  test('an alias for the service', () => {
    const text = `services:\n  a: &a\n    image: app\n    port: 3000\n    health: false\n  b: *a\n${REST}`;
    expect(why(text, 'b')).toContain('shared with a through an anchor');
    expect(why(`services: &s\n  image: app\n  port: 3000\n${REST}x: *s\n`.replace('x: *s\n', ''))).toBe(
      'edited',
    );
  });

  test('a service that is merged into another', () => {
    const text = `services:\n  a: &base\n    image: app\n    port: 3000\n    mode: stable\n  b:\n    <<: *base\n    route: { path: /b }\n${REST}`;
    expect(why(text, 'a')).toContain('shared with b through an anchor');
  });

  test('what is so already', () => {
    expect(edit(FULL, 'stable')).toEqual({ kind: 'unchanged' });
  });
});
