/**
 * The line that the proxy writes on its standard error for each request to a service with a live canary: what the judge reads. The
 * published access log stays alone on standard output. Controller probes go another way and are not in here.
 *
 *     swd3|1795285509.123|app|canary|200|0.004|OK|10.0.0.5:3000, 10.0.0.3:3000|502, 200|-, 0.001|-, 0.003|0.000, 0.003|412|0, 94|94|71|0
 *
 * One line is one request, its fields in the order of `JUDGE_LOG_FIELDS`, none of them chosen by who asked. The six fields that start
 * with `upstream` are lists of equal length, an item per attempt, in the order in which they were made, between `, ` or ` : `
 * (`JUDGE_LOG_BETWEEN_ATTEMPTS`); a request that reached no upstream has one `-` in each. Times are seconds with three decimals.
 *
 * - `track` is the one that the user was meant for. When the canary fails, stable's servers stand in: whose an attempt was, its address
 *   says and nothing else. A line with `track` stable holds only stable's. Where nginx had no server to choose, the address is the name
 *   of an upstream and no `IP:PORT`: nobody was asked, and the attempt is none. It stands alone while no server of either track is known,
 *   and behind a failed attempt when the servers changed meanwhile: `10.0.0.5:3000, app_canary : 10.0.0.3:3000`.
 * - `upstreamStatus` is the replica's own answer, or 502 or 504 from nginx. It is nginx's when `upstreamHeaderTime` of that attempt is `-`:
 *   `upstreamConnectTime` `-` too: no connection (502 refused or unreachable, 504 not in time); else connected, and then broken off (502)
 *   or silent (504). It is `-` for an attempt that the user did not wait for.
 * - `status` is what the user got; 499 when the user went away before an answer began, 009 for an answer that was no HTTP, which counts
 *   as 200 upstream.
 * - `completion` is `OK`, or empty when the user went away, before the answer or in the middle of it. A replica that broke its answer
 *   off leaves `OK` behind. A last `upstreamResponseLength` that is less than `contentLength`, and more than 0 (HEAD and 304 have none),
 *   shows it; of an answer without a length, nginx's own message about `connection`, which comes before (../judge/cut-answers.ts).
 * - `upstreamResponseTime` includes the body, and so the whole life of a stream; `upstreamHeaderTime` does not.
 */

export const JUDGE_LOG_PREFIX = 'swd3';

/** Upstream lists have blanks, commas and colons; no field has this. */
export const JUDGE_LOG_SEPARATOR = '|';

/** Between the attempts of a list: the next server of an upstream, or another upstream after an internal redirect. */
export const JUDGE_LOG_BETWEEN_ATTEMPTS: RegExp = /, | : /;

/** After the prefix, in this order: their names, and where nginx takes them from. */
export const JUDGE_LOG_FIELDS = [
  /** When the request ended; epoch seconds with milliseconds. */
  ['endedAt', '$msec'],
  ['service', '$swiftdeploy_service'],
  ['track', '$swiftdeploy_track'],
  ['status', '$status'],
  /** From the first byte of the request to the last byte of the answer. */
  ['requestTime', '$request_time'],
  ['completion', '$request_completion'],
  ['upstreamAddress', '$upstream_addr'],
  ['upstreamStatus', '$upstream_status'],
  ['upstreamConnectTime', '$upstream_connect_time'],
  ['upstreamHeaderTime', '$upstream_header_time'],
  ['upstreamResponseTime', '$upstream_response_time'],
  /** Bytes, with the body. */
  ['requestLength', '$request_length'],
  /** Bytes of the body, as far as they came. */
  ['upstreamResponseLength', '$upstream_response_length'],
  /** Of the body, as the answer promised it; `-` where it did not. */
  ['contentLength', '$sent_http_content_length'],
  /** The user's, by nginx's count. */
  ['connection', '$connection'],
  /** `1` or `0`: the answer is as old as the conversation, as of a WebSocket (render-judge-log.ts). */
  ['stream', '$swiftdeploy_stream'],
] as const;

export type JudgeLogField = (typeof JUDGE_LOG_FIELDS)[number][0];

export const JUDGE_LOG_FORMAT_NAME = 'swiftdeploy_judge';

/** As nginx's `log_format` takes it. */
export const JUDGE_LOG_FORMAT = [JUDGE_LOG_PREFIX, ...JUDGE_LOG_FIELDS.map(([, variable]) => variable)].join(
  JUDGE_LOG_SEPARATOR,
);
