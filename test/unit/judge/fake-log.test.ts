/** The log that tests use keeps what the Engine's keeps; test/integration/judge-log.test.ts asks the Engine for the same. */
import { FakeLog } from '../../support/fake-log.js';
import { logContract } from '../../support/log-contract.js';

logContract(() => {
  const log = new FakeLog();
  let ns = 0;
  return Promise.resolve({
    engine: log,
    id: 'proxy',
    write: (text: string) => Promise.resolve(log.write(text, 1_795_285_500_000, { ns: (ns += 1) })),
    stop: () => Promise.resolve(log.end()),
  });
});
