/** What must hold of the proxy's configuration whatever it was made of. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modelInLines } from '../../src/reconcilers/proxy/model-lines.js';
import {
  modelOf,
  renderConfig,
  renderStandaloneConfig,
  revisionOf,
} from '../../src/reconcilers/proxy/render.js';
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

  test('leaves no path to nginx that lacks nothing but the slash of a route: it would redirect it', () => {
    fc.assert(
      fc.property(someModel, (one) => {
        for (const server of renderStandaloneConfig(one)
          .split(/^ {4}server \{$/m)
          .slice(1)) {
          const locations = [...server.matchAll(/^ {8}location (.*) \{$/gm)].map(([, path]) => path ?? '');
          const open = locations.filter((path) => /^\/.*\/$/.test(path) && path.length > 1);
          for (const path of open) {
            const bare = path.slice(0, -1);
            expect(locations.filter((known) => known === bare || known === `= ${bare}`)).toHaveLength(1);
          }
          expect(new Set(locations).size).toBe(locations.length);
        }
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
