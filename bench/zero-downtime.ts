/** Claim: version changes under load cost nobody a request. */
import { COMPOSE_VERSION } from '../test/support/compose-binary.js';
import { Load } from '../test/support/load.js';
import type { Benchmark, Row } from './benchmark.js';
import { ComposeProject } from './compose-peer.js';
import { workload, WORKLOAD_IMAGE, WORKLOAD_PORT } from './services.js';
import { CHANGES } from './settings.js';
import { StackUnderTest } from './stack-under-test.js';
import { answersWith, until } from './until.js';
import { requireWrk, WrkLoad, type LoadTotals } from './wrk.js';

const FAILURES_SHOWN = 5;
const FAST = { paceMs: 20 };

export const zeroDowntime: Benchmark = {
  name: 'zero-downtime',
  how: `${String(CHANGES)} version changes, each saved as soon as the one before is served, under \`wrk -t2 -c32\` without a gap and four POST clients with keep-alive; failed are resets, refused connections, time-outs and answers of 5xx. Other side: \`docker compose up -d\` (${COMPOSE_VERSION}) of the same app behind the same nginx image, as many changes, the same load.`,
  run,
};

async function run(): Promise<readonly Row[]> {
  await requireWrk();
  const ours = await underOurs();
  const other = await underCompose();
  return [
    {
      claim: `Failed requests in ${String(CHANGES)} version changes, against \`docker compose up -d\``,
      ours: show(ours),
      other: show(other),
      goal: '0',
      met: ours.failures === 0,
    },
  ];
}

function show({ failures, requests }: LoadTotals): string {
  return `${String(failures)} of ${String(requests)}`;
}

async function underOurs(): Promise<LoadTotals> {
  const stack = await StackUnderTest.up('load', workload('v0'));
  try {
    return await changing(stack.url, {
      change: async (version) => void (await stack.save({ version })),
      end: () => stack.settled(),
    });
  } finally {
    await stack.dispose();
  }
}

async function underCompose(): Promise<LoadTotals> {
  const environment = { APP_VERSION: '${VERSION}', APP_PORT: String(WORKLOAD_PORT), MODE: 'stable' };
  const fields = { image: WORKLOAD_IMAGE, environment, restart: 'unless-stopped' };
  const project = await ComposeProject.prepare('load', { port: WORKLOAD_PORT, fields });
  try {
    const change = async (version: string) => void (await project.up([], { VERSION: version }));
    await change('v0');
    await until(() => answersWith(project.url, 'v0'), FAST);
    return await changing(project.url, { change, end: () => Promise.resolve() });
  } finally {
    await project.dispose();
  }
}

interface Changes {
  readonly change: (version: string) => Promise<void>;
  /** Waits for what the last change left to do: it belongs to the change, and stays under load. */
  readonly end: () => Promise<void>;
}

/** The load starts before the first change and ends after the last. */
async function changing(url: string, { change, end }: Changes): Promise<LoadTotals> {
  const gets = new WrkLoad(url);
  const posts = new Load(url, { gets: 0, posts: 4 });
  try {
    for (let count = 1; count <= CHANGES; count += 1) {
      const version = `v${String(count)}`;
      await change(version);
      await until(() => answersWith(url, version), FAST);
    }
    await end();
  } finally {
    gets.noMore();
    await posts.stop();
  }
  const wrk = await gets.totals();
  for (const failure of posts.failures.slice(0, FAILURES_SHOWN))
    process.stderr.write(`  ${firstLine(failure)}
`);
  return {
    requests: wrk.requests + posts.answered + posts.failures.length,
    failures: wrk.failures + posts.failures.length,
  };
}

function firstLine(text: string): string {
  return text.split('\n', 1).join('');
}
