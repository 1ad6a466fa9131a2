/** Who decides is not swapped unasked: another image of the policy engine is let in by the one that decides. */
import { expect, test } from 'vitest';
import { ModelLoop } from '../../support/model/model-loop.js';
import { service, stack, version } from '../../support/model/stacks.js';

const OTHER = { image: 'judge:evil', pull: 'missing', port: 8181, timeoutMs: 1000 } as const;

/** The engine has `judge:evil`, and `opa:1` under its id, too. */
function settled(): ModelLoop {
  const loop = new ModelLoop(stack([service()]));
  loop.settle();
  const { images } = loop.world;
  const image = images.get('opa:1');
  if (image === undefined) throw new Error('no image');
  images.set(image.id, image).set('judge:evil', { ...image, id: 'sha256:evil' });
  return loop;
}

function judges({ world }: ModelLoop): readonly string[] {
  return world.containers
    .filter(({ role }) => role === 'policy')
    .map(({ config }) => `${config.image} ${config.imageId}`);
}

const OWN = ['opa:1 sha256:opa1'];
const denied = ({ question }: { readonly question: string }) => question !== 'replace';

function lose(loop: ModelLoop): void {
  for (const { id, role } of loop.world.containers) if (role === 'policy') loop.world.remove(id);
}

test('the first one is asked of nobody', () => {
  const loop = new ModelLoop(stack([service()]), { policy: denied });
  loop.settle();
  expect(judges(loop)).toEqual(OWN);
});

test('another image is asked as replace of the one that decides, by its name and ports', () => {
  const loop = settled();
  loop.allow = denied;
  loop.stack = stack([service()], { policyEngine: OTHER });
  loop.rest();
  expect(judges(loop)).toEqual(OWN);
  const gates = loop.ticks.flatMap(({ results }) =>
    results.flatMap(({ kind, step }) => (kind === 'denied' ? [step.gate?.part] : [])),
  );
  expect(gates[0]).toMatchObject({
    kind: 'container',
    image: 'judge:evil',
    published: [{ address: '127.0.0.1' }],
  });
  loop.allow = () => true;
  loop.settle();
  expect(judges(loop)).toEqual(['judge:evil sha256:evil']);
});

test('one that is lost comes back as what decided, and is asked about the other then', () => {
  const loop = settled();
  loop.allow = denied;
  loop.stack = stack([service()], { policyEngine: OTHER });
  lose(loop);
  loop.rest();
  expect(judges(loop)).toEqual(OWN);
});

test('one whose tag was moved comes back as the build that decided', () => {
  const loop = settled();
  loop.allow = denied;
  const { images } = loop.world;
  const evil = images.get('judge:evil');
  if (evil !== undefined) images.set('opa:1', evil);
  lose(loop);
  loop.rest();
  expect(judges(loop)).toEqual(['sha256:opa1 sha256:opa1']);
  loop.allow = () => true;
  loop.settle();
  expect(judges(loop)).toEqual(['opa:1 sha256:evil']);
});

test('the same build by another name takes over unasked', () => {
  const loop = settled();
  loop.allow = denied;
  const own = loop.world.images.get('opa:1');
  if (own !== undefined) loop.world.images.set('opa:same', own);
  loop.stack = stack([service()], { policyEngine: { ...OTHER, image: 'opa:same' } });
  loop.settle();
  expect(judges(loop)).toEqual(['opa:same sha256:opa1']);
});

test('other policies come in the image that decides, while another one is denied', () => {
  const loop = settled();
  loop.allow = denied;
  loop.stack = stack([service()], { policyEngine: OTHER });
  loop.rest();
  loop.policy = { ...loop.policy, digest: 'e'.repeat(64), revision: 'a'.repeat(64) };
  loop.rest();
  expect(judges(loop)).toEqual(OWN);
  expect(
    loop.world.containers.filter(({ role }) => role === 'policy').map(({ specHash }) => specHash),
  ).toEqual(['e'.repeat(64)]);
});

test('while another image is denied, what is allowed is done', () => {
  const loop = settled();
  loop.allow = ({ part }) => part?.kind !== 'container' || part.image !== 'judge:evil';
  loop.stack = stack([version('2.0.0')], { policyEngine: OTHER });
  loop.rest();
  expect(judges(loop)).toEqual(OWN);
  expect(loop.memory.services.app?.stable?.container.version).toBe('2.0.0');
});
