/** Lines of the judge's log as the proxy writes them, field by field. */
import {
  JUDGE_LOG_FIELDS,
  JUDGE_LOG_PREFIX,
  JUDGE_LOG_SEPARATOR,
  type JudgeLogField,
} from '../../src/reconcilers/proxy/judge-log.js';

type Fields = Readonly<Record<JudgeLogField, string>>;

const ANSWERED: Fields = {
  endedAt: '1795285509.123',
  service: 'app',
  track: 'canary',
  status: '200',
  requestTime: '0.004',
  completion: 'OK',
  upstreamAddress: '10.0.0.5:3000',
  upstreamStatus: '200',
  upstreamConnectTime: '0.001',
  upstreamHeaderTime: '0.003',
  upstreamResponseTime: '0.004',
  requestLength: '412',
  upstreamResponseLength: '94',
  contentLength: '94',
  connection: '7',
  stream: '0',
};

/** A canary's quick answer, but for what is given. */
export function judgeLine(fields: Partial<Fields> = {}): string {
  const all = { ...ANSWERED, ...fields };
  return [JUDGE_LOG_PREFIX, ...JUDGE_LOG_FIELDS.map(([name]) => all[name])].join(JUDGE_LOG_SEPARATOR);
}

/** As nginx writes a moment. */
export function nginxTime(ms: number): string {
  return (ms / 1000).toFixed(3);
}
