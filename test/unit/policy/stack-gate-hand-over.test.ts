/** Who is replaced while it is asked may leave: the question is put to its successor, and no connection is cut for it. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { policySetOf, type PolicySet } from '../../../src/reconcilers/policy/policy-set.js';
import { instanceToken } from '../../../src/reconcilers/policy/instance-token.js';
import { StackGate } from '../../../src/reconcilers/policy/stack-gate.js';
import { engineAt } from '../../support/asked-engine.js';
import { PULL, service, stack } from '../../support/model/stacks.js';

const KEY = 'key';
const STACK = stack([service()]);
const servers: ReturnType<typeof createServer>[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

function setOf(text: string): PolicySet {
  return policySetOf([{ path: 'x/x.rego', content: Buffer.from(`package swiftdeploy.x\n\n# ${text}\n`) }]);
}

/** `onAsked` is given the answer to give, and what it was shown. */
async function opa(onAsked: (response: ServerResponse, shown?: string) => void): Promise<number> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => onAsked(response, request.headers.authorization));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function allow(response: ServerResponse, { revision }: PolicySet): void {
  const provenance = { bundles: { '/bundle': { revision } } };
  response.end(JSON.stringify({ result: { allow: true, reasons: [] }, provenance }));
}

function gate(): StackGate {
  return new StackGate(KEY, { dataRoot: '/' });
}

test('its successor answers', async () => {
  const [before, after] = [setOf('before'), setOf('after')];
  const asking = gate();
  const next = await opa((response) => allow(response, after));
  const first = await opa((response) => {
    asking.prepare(STACK, after, engineAt(next, 'next'));
    response.destroy();
  });
  asking.prepare(STACK, before, engineAt(first, 'first'));
  const { allow: isAllowed, answers } = await asking.ask(STACK, PULL, new AbortController().signal);
  expect({ isAllowed, revision: answers[0]?.revision }).toEqual({
    isAllowed: true,
    revision: after.revision,
  });
  asking.close();
});

test('who answers all the same is heard, by the policies that it was asked about', async () => {
  const [before, after] = [setOf('before'), setOf('after')];
  const asking = gate();
  const next = await opa(() => undefined);
  const first = await opa((response) => {
    asking.prepare(STACK, after, engineAt(next, 'next'));
    allow(response, before);
  });
  asking.prepare(STACK, before, engineAt(first, 'first'));
  const { answers } = await asking.ask(STACK, PULL, new AbortController().signal);
  expect(answers[0]?.revision).toBe(before.revision);
  asking.close();
});

test('one that leaves without a successor is silence', async () => {
  const asking = gate();
  const port = await opa((response) => response.destroy());
  asking.prepare(STACK, setOf('before'), engineAt(port));
  expect(await asking.ask(STACK, PULL, new AbortController().signal)).toMatchObject({
    allow: false,
    silent: true,
    answers: [{ code: 'OPA_UNREACHABLE' }],
  });
  asking.close();
});

test('each is shown its own token, also one of the same policies at the same port', async () => {
  const set = setOf('same');
  const asking = gate();
  const shown: unknown[] = [];
  const port = await opa((response, authorization) => {
    shown.push(authorization);
    allow(response, set);
  });
  for (const id of ['first', 'second']) {
    asking.prepare(STACK, set, engineAt(port, id));
    await asking.ask(STACK, PULL, new AbortController().signal);
  }
  expect(shown).toEqual(['first', 'second'].map((id) => `Bearer ${instanceToken(KEY, id)}`));
  asking.close();
});

test("who has the manifest's port and is no engine of ours is not asked, and shown no token", async () => {
  const set = setOf('ours');
  const asking = gate();
  let heard = 0;
  const port = await opa((response) => {
    heard += 1;
    allow(response, set);
  });
  const { policyEngine } = STACK;
  asking.prepare({ ...STACK, policyEngine: { ...policyEngine, port } }, set);
  expect(await asking.ask(STACK, PULL, new AbortController().signal)).toMatchObject({
    allow: false,
    silent: true,
    answers: [{ code: 'OPA_UNREACHABLE' }],
  });
  expect(heard).toBe(0);
  asking.close();
});
