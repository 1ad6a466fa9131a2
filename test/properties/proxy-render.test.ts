/** What must hold of the proxy's configuration whatever it was made of. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modelInLines } from '../../src/reconcilers/proxy/model-lines.js';
import { modelOf, renderConfig, revisionOf } from '../../src/reconcilers/proxy/render.js';
import { someModel } from '../support/model/some-proxy-model.js';

const TOKEN = 'secret-token';

describe('a rendered configuration', () => {
  test('is the same for the same model, whatever the order of its keys', () => {
    fc.assert(
      fc.property(someModel, (one) => {
        const reversed = Object.fromEntries(Object.entries(one).reverse()) as unknown as typeof one;
        expect(renderConfig(reversed, TOKEN)).toBe(renderConfig(one, TOKEN));
        expect(revisionOf(reversed)).toBe(revisionOf(one));
      }),
    );
  });

  test('tells its model', () => {
    fc.assert(
      fc.property(someModel, (one) => {
        const config = renderConfig(one, TOKEN);
        expect(modelOf(config, TOKEN)).toEqual(one);
        expect(modelInLines(config)).toEqual(one);
      }),
    );
  });

  test('is taken for nothing of ours after any edit', () => {
    fc.assert(
      fc.property(someModel, fc.nat(), fc.constantFrom('', ' ', '#', 'x', '\n'), (one, at, inserted) => {
        const config = renderConfig(one, TOKEN);
        const position = at % config.length;
        const edited =
          config.slice(0, position) + inserted + config.slice(inserted === '' ? position + 1 : position);
        expect(modelOf(edited, TOKEN)).toBeUndefined();
      }),
    );
  });
});
