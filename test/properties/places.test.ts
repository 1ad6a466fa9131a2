/** Over all moves of up to five services among as many places. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { settlePlaces, type Claim } from '../../src/reconcilers/plan/places.js';
import type { Place } from '../../src/reconcilers/plan/proxy-model.js';

const SERVICES = ['a', 'b', 'c', 'd', 'e'];
const PLACES = SERVICES.map((name): Place => ({ path: `/${name}` }));

/** A place for some of the services, no two at one. */
const arrangement = fc
  .tuple(fc.shuffledSubarray(PLACES, { minLength: 5 }), fc.subarray(SERVICES))
  .map(([places, placed]) =>
    SERVICES.map((name, index) => (placed.includes(name) ? places[index] : undefined)),
  );

const claims = fc
  .record({
    served: arrangement,
    wanted: arrangement,
    ready: fc.subarray(SERVICES),
  })
  .map(({ served, wanted, ready }) =>
    SERVICES.map((service, index): Claim => ({
      service,
      served: served[index],
      wanted: wanted[index],
      // Who is wanted nowhere has nothing to get ready.
      isReady: ready.includes(service) || wanted[index] === undefined,
    })),
  );

const at = (places: ReadonlyMap<string, Place>, path: string | undefined) =>
  [...places].filter(([, place]) => place.path === path).map(([service]) => service);

test('no two are at one place', () => {
  fc.assert(
    fc.property(claims, (all) => {
      const places = [...settlePlaces(all).values()].map(({ path }) => path);
      expect(new Set(places).size).toBe(places.length);
    }),
  );
});

test('a place that is answered, and wanted, is answered: by who can, or by who did', () => {
  fc.assert(
    fc.property(claims, (all) => {
      const places = settlePlaces(all);
      for (const { served, service } of all) {
        const heir = all.find(({ wanted }) => wanted !== undefined && wanted.path === served?.path);
        if (served === undefined || heir === undefined) continue;
        const [found] = at(places, served.path);
        expect(found === service || (found === heir.service && heir.isReady)).toBe(true);
      }
    }),
  );
});

test('once all are ready, everybody is where he is wanted', () => {
  fc.assert(
    fc.property(claims, (all) => {
      const places = settlePlaces(all.map((claim) => ({ ...claim, isReady: true })));
      for (const { service, wanted } of all) expect(places.get(service)).toEqual(wanted);
    }),
  );
});
