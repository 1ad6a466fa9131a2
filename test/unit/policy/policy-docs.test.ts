import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inputTables, type InputSchema } from '../../../scripts/policy-input-tables.js';
import { QUESTIONS } from '../../../src/reconcilers/plan/steps.js';

import source from '../../../policies/source/data.json' with { type: 'json' };
import admission from '../../../policies/admission/data.json' with { type: 'json' };

const PAGE = readFileSync(new URL('../../../docs/policies.md', import.meta.url), 'utf8');

describe('docs/policies.md', () => {
  test('has a row for every question, in the order of the code', () => {
    const section = /^## The questions$([^]*?)^## /m.exec(PAGE)?.[1] ?? '';
    expect([...section.matchAll(/^\| `(\w+)`/gm)].map(([, question]) => question)).toEqual([...QUESTIONS]);
  });

  test('has a row for every rule of admission, with what it is shipped as', () => {
    const section = /^## Deny, warn, off$([^]*?)^## /m.exec(PAGE)?.[1] ?? '';
    const rows = [...section.matchAll(/^\| `(\w+)` +\| (\w+)/gm)].map(([, rule = '', word = '']) => [
      rule,
      word,
    ]);
    expect(Object.fromEntries(rows)).toEqual(admission.enforcement);
  });

  test('has a row for every rule of source, none of which is set as shipped', () => {
    const { enforcement, ...lists } = source;
    const section = /^## When, and from whose commits$([^]*?)^## /m.exec(PAGE)?.[1] ?? '';
    const rows = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, rule]) => rule);
    expect([rows, Object.keys(lists)]).toEqual([Object.keys(enforcement), Object.keys(enforcement)]);
    expect(JSON.stringify(lists)).not.toMatch(/\[[^\]]/);
  });
});

test('a table of the input: absent where it may be, lists of objects inside out, what is shared in a table of its own', () => {
  const image = {
    type: 'object',
    description: 'Of an image.',
    properties: { tag: { type: 'string', description: 'A | B.' } },
  };
  const schema: InputSchema = {
    type: 'object',
    required: ['question', 'service'],
    properties: {
      question: { type: 'string', enum: ['deploy', 'heal'], description: 'Asked.' },
      service: { $ref: '#/$defs/service' },
    },
    $defs: {
      imageRef: image,
      service: {
        type: 'object',
        description: 'The service.',
        required: ['image_ref'],
        properties: {
          image_ref: { $ref: '#/$defs/imageRef' },
          read_only: { type: 'boolean', description: 'No writing.' },
          mounts: {
            type: 'array',
            description: 'Mounts.',
            items: {
              type: 'object',
              required: ['target'],
              properties: { target: { type: 'string', description: 'Where.' } },
            },
          },
        },
      },
    },
  };
  const rows = inputTables(schema)
    .split('\n')
    .filter((line) => /^(?:###|\| `)/.test(line));
  expect(rows).toEqual([
    '### At the top',
    '| `question` | `deploy`, `heal` | Asked. |',
    '| `service` | object | The service. |',
    '### `service`',
    '| `service.image_ref` | [an image](#an-image) | Of an image. |',
    '| `service.read_only` | true or false, or absent | No writing. |',
    '| `service.mounts` | list of objects, or absent | Mounts. |',
    '| `service.mounts[].target` | text | Where. |',
    '### An image',
    '| `tag` | text, or absent | A \\| B. |',
    '### A track',
    '### Evidence',
    '### A track in a window',
  ]);
});
