/** A gate that asks something which hears every question and allows it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { HostProbeOptions } from '../../src/probes/host.js';
import { QUESTIONS } from '../../src/reconcilers/plan/steps.js';
import type { MomentOptions } from '../../src/reconcilers/policy/moment.js';
import type { PolicyInput } from '../../src/reconcilers/policy/policy-input.js';
import { policySetOf } from '../../src/reconcilers/policy/policy-set.js';
import { StackGate } from '../../src/reconcilers/policy/stack-gate.js';
import { engineAt } from './asked-engine.js';
import { service, stack } from './model/stacks.js';

export async function listeningGate(moment: MomentOptions = {}, place: HostProbeOptions = {}) {
  const heard: PolicyInput[] = [];
  const rego = `# METADATA\n# custom: {questions: [${QUESTIONS.join(', ')}]}\npackage swiftdeploy.x\n`;
  const set = policySetOf([{ path: 'x/x.rego', content: Buffer.from(rego) }]);
  const provenance = { bundles: { '/bundle': { revision: set.revision } } };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      heard.push((JSON.parse(body) as { input: PolicyInput }).input);
      response.end(JSON.stringify({ result: { allow: true, reasons: [] }, provenance }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gate = new StackGate('key', place, undefined, moment);
  onTestFinished(() => {
    gate.close();
    server.close().closeAllConnections();
  });
  gate.prepare(stack([service()]), set, engineAt((server.address() as AddressInfo).port));
  return { gate, heard };
}
