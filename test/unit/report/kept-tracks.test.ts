/** A container that the policies keep is in no goal: it is in a row of `status` all the same, until it may go. */
import { expect, test } from 'vitest';
import { ModelLoop } from '../../support/model/model-loop.js';
import { ModelReport } from '../../support/model/model-report.js';
import { service, stack, version } from '../../support/model/stacks.js';

interface ToldTrack {
  readonly track: string;
  readonly version: string;
  readonly weight: number;
  readonly replicas: { readonly desired: number; readonly ready: number };
}

function rows({ status }: ModelReport) {
  const [told] = status.services as readonly { readonly tracks: readonly ToldTrack[] }[];
  return told?.tracks.map(({ track, version: text, weight, replicas }) =>
    [track, text, weight, `${String(replicas.ready)}/${String(replicas.desired)}`].join(' '),
  );
}

test('a canary that was promoted and may not be removed', async () => {
  const told = new ModelReport(new ModelLoop(stack([service()])));
  await told.settle();
  told.loop.stack = stack([version('2.0.0', { mode: 'canary' })]);
  await told.settle();
  told.loop.allow = ({ question, service: of }) => question !== 'remove' || of?.track !== 'canary';
  told.loop.stack = stack([version('2.0.0')]);
  await told.run(30_000);
  expect(rows(told)).toEqual(['stable 2.0.0 100 1/1', 'canary 2.0.0 0 1/0']);
  told.loop.allow = () => true;
  await told.settle();
  expect(rows(told)).toEqual(['stable 2.0.0 100 1/1']);
});

test('replicas that may not be removed are counted beside those that are wanted', async () => {
  const told = new ModelReport(new ModelLoop(stack([service({ replicas: 2 })])));
  await told.settle();
  told.loop.allow = ({ question }) => question !== 'remove';
  told.loop.stack = stack([service({ replicas: 1 })]);
  await told.run(30_000);
  expect(rows(told)).toEqual(['stable 1.0.0 100 2/1']);
});
