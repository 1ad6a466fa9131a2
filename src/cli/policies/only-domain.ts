/** What `policies test DOMAIN` tells of what was found in all of them. Pure. */
import type { PolicyTestDocument } from './test-document.js';

/** That domain alone; of a set that does not compile, whatever keeps it from that, too. */
export function onlyDomain(document: PolicyTestDocument, only: string): PolicyTestDocument {
  const isRun = document.domains.some(({ tests }) => tests !== undefined);
  const domains = document.domains.filter(
    ({ domain, problems }) => domain === only || (!isRun && problems.length > 0),
  );
  const isBad = document.problems.length > 0 || domains.some(({ result }) => result === 'fail');
  return { ...document, only, result: isBad ? 'fail' : 'ok', domains };
}
