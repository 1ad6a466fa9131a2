/** One replica's metrics, asked for through the proxy as its health is; what the answer means. */
import type { GetResult } from '../../probes/health/http-get.js';
import { scanMetrics, type MetricsSample } from '../../probes/metrics/scan-metrics.js';
import { serverAddress } from '../plan/proxy-model.js';
import { askReplica, type AdminAddress } from '../proxy/admin-client.js';
import type { ScrapeTarget } from './targets.js';

/** `none`: it has no metrics that we know, which is a fact. `unasked`: the proxy is away, which says nothing of the replica. */
export type ScrapeAnswer =
  | { readonly kind: 'sample'; readonly sample: MetricsSample }
  | { readonly kind: 'none' | 'missed' | 'unasked' };

export type AskMetrics = (target: ScrapeTarget, before?: MetricsSample) => Promise<ScrapeAnswer>;

const TIMEOUT_MS = 2000;

export function askMetrics(admin: () => AdminAddress | undefined): AskMetrics {
  return async (target, before) => {
    const proxy = admin();
    if (proxy === undefined) return { kind: 'unasked' };
    const { containerId, port, path, ours } = target;
    const address = serverAddress(containerId);
    const answer = await askReplica(proxy, { address, port, path, timeoutMs: TIMEOUT_MS });
    if (answer === undefined) return { kind: 'unasked' };
    return meaning(answer, before === undefined ? { ours } : { ours, before });
  };
}

/** A redirect is not followed: nobody knows whose metrics would come. */
export function meaning(answer: GetResult, scan: Parameters<typeof scanMetrics>[1]): ScrapeAnswer {
  if (!answer.answered || answer.status >= 500) return { kind: 'missed' };
  if (answer.status !== 200) return { kind: 'none' };
  if (answer.isCut) return { kind: 'missed' };
  const sample = scanMetrics(answer.body, scan);
  const tellsAnything =
    sample.countsRequests || sample.chaos !== undefined || sample.uptimeSeconds !== undefined;
  return tellsAnything ? { kind: 'sample', sample } : { kind: 'none' };
}
