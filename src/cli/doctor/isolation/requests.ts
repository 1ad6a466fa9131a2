/** What a workload might ask the policy engine for, and what an answer gives away. Pure. */
import { asObject, parseJson } from '../../../reconcilers/policy/json-value.js';

export interface ProbeRequest {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'DELETE' | 'POST';
  readonly path: string;
  readonly token: 'none' | 'guessed';
  readonly body?: string;
}

/** `direct`: OPA's own API, where only a refusal is right. `public`: what users reach, where an application may say anything. */
export interface Way {
  readonly kind: 'direct' | 'public';
  readonly words: string;
  /** Without a path. */
  readonly url: string;
}

export interface Said {
  readonly way: Way;
  readonly request: ProbeRequest;
  /** 0: nobody was reached. */
  readonly status: number;
  readonly body: string;
}

const NAME = 'swiftdeploy_isolation_probe';

/** Read, write and decide; what a write would leave is deleted again. */
const ASKED: readonly Omit<ProbeRequest, 'token'>[] = [
  { method: 'GET', path: '/v1/policies' },
  { method: 'GET', path: '/v1/data' },
  { method: 'POST', path: '/v1/data', body: '{}' },
  { method: 'POST', path: '/v1/query', body: '{"query": "x = data"}' },
  { method: 'PUT', path: `/v1/policies/${NAME}`, body: `package ${NAME}` },
  { method: 'DELETE', path: `/v1/policies/${NAME}` },
  { method: 'PUT', path: `/v1/data/${NAME}`, body: '{}' },
  { method: 'PATCH', path: '/v1/data', body: '[]' },
  { method: 'DELETE', path: `/v1/data/${NAME}` },
];

/** With no token and with a guessed one; the decision is one of this domain's. */
export function probeRequests(domain: string): readonly ProbeRequest[] {
  const path = `/v1/data/swiftdeploy/${encodeURIComponent(domain)}/decision`;
  const decide = { method: 'POST', path, body: '{"input": {"question": "deploy"}}' } as const;
  return [...ASKED, decide].flatMap((asked) => [
    { ...asked, token: 'none' },
    { ...asked, token: 'guessed' },
  ]);
}

export function requestWords({ method, path, token }: ProbeRequest): string {
  return `${method} ${path} ${token === 'none' ? 'without a token' : 'with a guessed token'}`;
}

/** The answer is more than a refusal. */
export function isBreach({ way, request, status, body }: Said): boolean {
  if (status === 0) return false;
  return way.kind === 'direct' ? status !== 401 && status !== 403 : isOpas(request, body);
}

/** Words that only OPA, guarded as ours is, or its data would say. */
function isOpas({ path }: ProbeRequest, body: string): boolean {
  const document = asObject(parseJson(Buffer.from(body)));
  if (document === undefined) return false;
  if (document.message === 'request rejected by administrative policy') return true;
  const { result } = document;
  if (Array.isArray(result)) return result.some((item) => asObject(item)?.raw !== undefined);
  const found = asObject(result) ?? {};
  return path.endsWith('/decision') ? typeof found.allow === 'boolean' : 'swiftdeploy' in found;
}
