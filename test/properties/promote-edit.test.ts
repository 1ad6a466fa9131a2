import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify, type ToStringOptions } from 'yaml';
import { editMode } from '../../src/cli/promote/promote-edit.js';
import { loadManifest } from '../../src/reconcilers/desired/load-manifest.js';
import type { Mode } from '../../src/reconcilers/desired/stack-spec.js';

const mode = fc.constantFrom<Mode>('stable', 'canary');
const name = fc.stringMatching(/^[a-z]{1,8}$/).filter((word) => !KEYS.has(word));
const KEYS = new Set(['image', 'port', 'mode', 'version', 'name']);

const service = fc.record(
  {
    image: fc.constantFrom('app', 'stable', 'canary:stable'),
    version: fc.constantFrom('1.0.0', 'stable', 'canary'),
    mode,
    env: fc.dictionary(
      fc.stringMatching(/^[A-Z]{1,5}$/),
      fc.constantFrom('stable', 'mode: stable', 'x\ny', ''),
    ),
    command: fc.constantFrom('run stable', '["a"]'),
  },
  { requiredKeys: ['image', 'mode', 'version'] },
);

/** Keys in any order: what a person writes first is a person's choice. */
function shuffled<T extends object>(value: T): fc.Arbitrary<T> {
  const entries = Object.entries(value);
  return fc
    .shuffledSubarray(entries, { minLength: entries.length, maxLength: entries.length })
    .map((order) => Object.fromEntries(order) as T);
}

const manifest = fc
  .dictionary(name, service.chain(shuffled), { minKeys: 1, maxKeys: 4 })
  .chain((services) => {
    const ported = Object.entries(services).map(([key, spec], index) => [
      key,
      { ...spec, port: 3000 + index, route: { path: `/${key}` } },
    ]);
    return shuffled({
      services: Object.fromEntries(ported) as Record<string, { mode: Mode }>,
      nginx: { image: 'nginx', port: 8080 },
      network: { name: 'net' },
      contact: 'mode: stable',
    });
  });

const style = fc.record<ToStringOptions>({
  collectionStyle: fc.constantFrom('any', 'block', 'flow'),
  defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE'),
  defaultKeyType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE'),
  indent: fc.constantFrom(1, 2, 4, 8),
  lineWidth: fc.constantFrom(0, 20, 80),
});

const frame = fc.record({ crlf: fc.boolean(), bom: fc.boolean(), comments: fc.boolean() });

function write(
  value: object,
  how: ToStringOptions,
  { crlf, bom, comments }: Record<string, boolean>,
): Buffer {
  const text = stringify(value, how);
  const commented = comments === true ? `# mode: stable\n${text}# mode: canary\n` : text;
  const ended = crlf === true ? commented.replaceAll('\n', '\r\n') : commented;
  return Buffer.from(`${bom === true ? '\ufeff' : ''}${ended}`);
}

test(
  'whatever the manifest looks like, exactly one word changes, and changes back',
  { timeout: 60_000 },
  () => {
    fc.assert(
      fc.property(manifest, style, frame, fc.nat(), (value, how, around, pick) => {
        const bytes = write(value, how, around);
        const before = loadManifest(bytes, 'm');
        if (!before.ok) throw new Error(JSON.stringify(before.problems));
        const spec = before.stack.services[pick % before.stack.services.length];
        const from = spec?.mode ?? 'stable';
        const to = from === 'stable' ? 'canary' : 'stable';
        const wish = { service: spec?.name ?? '', mode: to } as const;
        const edit = editMode(bytes, before.stack, wish);
        if (edit.kind !== 'edited') throw new Error(JSON.stringify(edit));
        // Both words have six letters: all that differs is one run of six bytes.
        expect(edit.bytes.length).toBe(bytes.length);
        const differing = [...bytes.keys()].filter((at) => bytes[at] !== edit.bytes[at]);
        const start = wordAt(bytes, differing[0] ?? 0, from);
        expect(bytes.subarray(start, start + from.length).toString()).toBe(from);
        expect(edit.bytes.subarray(start, start + to.length).toString()).toBe(to);
        expect(differing.every((at) => at >= start && at < start + from.length)).toBe(true);
        const after = loadManifest(edit.bytes, 'm');
        if (!after.ok) throw new Error('it does not load any more');
        const back = editMode(edit.bytes, after.stack, { ...wish, mode: from });
        expect(back.kind === 'edited' && back.bytes.equals(bytes)).toBe(true);
      }),
      { numRuns: 150 },
    );
  },
);

/** `stable` and `canary` differ from the first letter on. */
function wordAt(bytes: Buffer, at: number, word: string): number {
  return bytes.indexOf(word, at) === at ? at : -1;
}
