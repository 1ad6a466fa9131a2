import { describe, expect, it } from 'vitest';
import { manifestNeeds, readManifestNeeds } from '../../../src/setup/manifest-images.js';

const SAMPLE = ['nginx:latest', 'openpolicyagent/opa:latest-static', 'swift-deploy-1-node:latest'];

describe('manifestNeeds', () => {
  it('reads the form with one service', () => {
    const text =
      'services: { name: app, image: me/app:1 }\nnginx: { image: nginx:1.29, port: 9000 }\nopa: { image: o/opa:1 }';
    expect(manifestNeeds(text)).toEqual({ images: ['nginx:1.29', 'o/opa:1', 'me/app:1'], port: 9000 });
  });

  it('reads the form with many services, each image once', () => {
    const text = 'services: { a: { image: x:1 }, b: { image: x:1 }, c: { image: y:2 } }';
    expect(manifestNeeds(text).images).toEqual([
      'nginx:latest',
      'openpolicyagent/opa:latest-static',
      'x:1',
      'y:2',
    ]);
  });

  it.each([
    ['empty', ''],
    ['not YAML', '{{{'],
    ['a list', '- 1'],
    ['nulls', 'services:\nnginx:\nopa:'],
    ['wrong types', 'services: { image: 7 }\nnginx: { image: [], port: x }'],
    ['cut in half', 'services:\n  image: "swift-depl'],
    [
      'an alias bomb',
      `a: &a [x,x]\n${'bcdefgh'.replace(/./g, (k) => `${k}: &${k} [*${String.fromCharCode(k.charCodeAt(0) - 1)},*${String.fromCharCode(k.charCodeAt(0) - 1)},*${String.fromCharCode(k.charCodeAt(0) - 1)}]\n`)}`,
    ],
    ['50 MB', 'x'.repeat(50_000_000)],
  ])('%s falls back to the sample: the controller reports what is wrong', (_name, text) => {
    expect(manifestNeeds(text)).toEqual({ images: SAMPLE, port: 8080 });
  });

  it('needs the sample where there is no file', async () => {
    expect((await readManifestNeeds('/nowhere/manifest.yaml')).images).toEqual(SAMPLE);
  });
});
