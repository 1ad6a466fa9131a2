/**
 * nginx.conf from a proxy model: the same bytes for the same model. The model itself stands in the first lines,
 * so that what is served can be read back from the container, and an edit by hand shows.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../desired/canonical-json.js';
import type { ProxyModel } from '../plan/proxy-model.js';
import { PROXY_ADMIN_PORT } from '../plan/templates.js';
import { indent } from './lines.js';
import { modelInLines, modelLines } from './model-lines.js';
import { adminServer } from './render-admin.js';
import { sealed } from './seal.js';
import { contactMap, httpBasics, mainLines } from './render-http.js';
import { judgeLogFormat } from './render-judge-log.js';
import { publicServers } from './render-servers.js';
import { splitTables } from './render-split.js';
import { standInTable } from './render-stand-in.js';
import { upstreamNames, upstreams } from './render-upstreams.js';
import { WRITTEN_BY } from '../render/written-by.js';

export function renderConfig(model: ProxyModel, adminToken: string): string {
  const admin = adminServer({
    port: PROXY_ADMIN_PORT,
    keepaliveMinTimeout: model.keepaliveMinTimeout,
    token: adminToken,
    revision: revisionOf(model),
    upstreams: upstreamNames(model),
  });
  return sealed(modelLines(model), configText(model, admin));
}

/** For an nginx that nobody drives: no model to read back, nobody who judges, no listener but the public one, and so no token. */
export function renderStandaloneConfig(model: ProxyModel): string {
  return [`${WRITTEN_BY} Change the manifest and render again.`, configText(model, [])].join('\n');
}

function configText(model: ProxyModel, adminListener: readonly string[]): string {
  const http = [
    ...httpBasics(model),
    ...judgeLogFormat(model.routes),
    ...upstreams(model),
    ...splitTables(model),
    ...standInTable(model),
    ...contactMap(model),
    ...publicServers(model),
    ...adminListener,
  ];
  return [...mainLines(model), 'http {', ...indent(http), '}', ''].join('\n');
}

/** Which configuration a model is; what the proxy answers when asked what it serves. */
export function revisionOf(model: ProxyModel): string {
  return createHash('sha256').update(canonicalJson(model)).digest('hex');
}

/** The model in a configuration file that is byte for byte what `renderConfig` wrote; absent for anything else. */
export function modelOf(config: string, adminToken: string): ProxyModel | undefined {
  const model = modelInLines(config);
  return model !== undefined && renderConfig(model, adminToken) === config ? model : undefined;
}
