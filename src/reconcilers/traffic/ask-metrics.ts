/** One replica's metrics, asked for through the proxy as its health is; what the answer means. */
import { httpGet, type GetResult } from '../../probes/health/http-get.js';
import { scanMetrics, type MetricsSample } from '../../probes/metrics/scan-metrics.js';
import { serverAddress } from '../plan/proxy-model.js';
import type { AdminAddress } from '../proxy/admin-client.js';
import { ADMIN_TOKEN_HEADER } from '../proxy/render-admin.js';
import type { ScrapeTarget } from './targets.js';

/** `none`: it has no metrics that we know, which is a fact. `unasked`: the proxy is away, which says nothing of the replica. */
export type ScrapeAnswer =
  | { readonly kind: 'sample'; readonly sample: MetricsSample }
  | { readonly kind: 'none' | 'missed' | 'unasked' };

export type AskMetrics = (target: ScrapeTarget, before?: MetricsSample) => Promise<ScrapeAnswer>;

const HOST = '127.0.0.1';
const TIMEOUT_MS = 2000;

export function askMetrics(admin: () => AdminAddress | undefined): AskMetrics {
  return async (target, before) => {
    const proxy = admin();
    if (proxy === undefined) return { kind: 'unasked' };
    const { containerId, port, path, ours } = target;
    const answer = await httpGet({
      host: HOST,
      port: proxy.port,
      path: `/replica/${serverAddress(containerId)}/${String(port)}${path}`,
      headers: { [ADMIN_TOKEN_HEADER]: proxy.token },
      timeoutMs: TIMEOUT_MS,
    });
    return meaning(answer, before === undefined ? { ours } : { ours, before });
  };
}

/** A redirect is not followed: nobody knows whose metrics would come. */
export function meaning(answer: GetResult, scan: Parameters<typeof scanMetrics>[1]): ScrapeAnswer {
  if (!answer.answered) return { kind: IN_VAIN.has(answer.code) ? 'missed' : 'unasked' };
  if (answer.status >= 500) return { kind: 'missed' };
  if (answer.status !== 200) return { kind: 'none' };
  const sample = scanMetrics(answer.body, scan);
  const tellsAnything =
    sample.countsRequests || sample.chaos !== undefined || sample.uptimeSeconds !== undefined;
  return tellsAnything ? { kind: 'sample', sample } : { kind: 'none' };
}

const IN_VAIN: ReadonlySet<string> = new Set(['TIMEOUT', 'TOO_LARGE']);
