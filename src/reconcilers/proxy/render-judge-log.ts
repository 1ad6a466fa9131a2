/** Where requests are written down for the judge: beside the published access log, which a location with logs of its own has to repeat. */
import type { RouteModel } from '../plan/proxy-model.js';
import { JUDGE_LOG_FORMAT, JUDGE_LOG_FORMAT_NAME } from './judge-log.js';
import { table } from './lines.js';
import { serving } from './split-route.js';

export const ACCESS_LOG = 'access_log /dev/stdout swiftdeploy;';

export function isJudged(route: RouteModel): boolean {
  return route.split?.judged === true && serving(route) !== undefined;
}

/** By status, type, and what the server told nginx: a WebSocket, server-sent events, and what is not to be buffered. */
const STREAMS = ['"~^101 " 1', '"~*^\\d+ text/event-stream" 1', '"~* no$" 1', 'default 0'];

export function judgeLogFormat(routes: readonly RouteModel[]): string[] {
  if (!routes.some(isJudged)) return [];
  const answer = '"$status $upstream_http_content_type $upstream_http_x_accel_buffering"';
  return [
    ...table(`map ${answer} $swiftdeploy_stream`, STREAMS),
    `log_format ${JUDGE_LOG_FORMAT_NAME} '${JUDGE_LOG_FORMAT}';`,
  ];
}

/** Nothing where no route is judged. `condition` leaves out those that are not, where many share a place. */
export function judgeLogs(routes: readonly RouteModel[], condition = ''): string[] {
  if (!routes.some(isJudged)) return [];
  return [ACCESS_LOG, `access_log /dev/stderr ${JUDGE_LOG_FORMAT_NAME}${condition};`];
}
