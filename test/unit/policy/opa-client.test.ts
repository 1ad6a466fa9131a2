/** OpaClient against real servers: what is believed, and each of the eleven ways in which an answer is not. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { OpaClient, type OpaClientOptions } from '../../../src/reconcilers/policy/opa-client.js';
import { closedPort, serveBody, serveHttp, serveTcp } from './servers.js';

const INPUT = { question: 'deploy' };

function clientOf(url: string, options: Partial<OpaClientOptions> = {}): OpaClient {
  const client = new OpaClient({ url, token: 'token', timeoutMs: 1000, ...options });
  onTestFinished(() => client.close());
  return client;
}

function decision(result: unknown, revision?: string): string {
  const provenance = {
    version: '1.21.1',
    bundles: revision === undefined ? {} : { '/bundle': { revision } },
  };
  return JSON.stringify({ provenance, result });
}

async function askOf(result: unknown, options: Partial<OpaClientOptions> = {}) {
  return clientOf(await serveBody(decision(result, 'r1')), options).ask('infrastructure', INPUT);
}

describe('an answer that is believed', () => {
  test('allowed, with the revision that decided', async () => {
    const answer = await askOf({ allow: true, reasons: [], domain: 'infrastructure', question: 'deploy' });
    expect(answer).toMatchObject({
      domain: 'infrastructure',
      question: 'deploy',
      allow: true,
      reasons: [],
      revision: 'r1',
    });
    expect(answer).not.toHaveProperty('code');
  });

  test('denied with reasons as objects', async () => {
    const reason = {
      code: 'min_disk',
      message: 'disk_free_gb is 4.2, minimum required is 10.0',
      observed: 4.2,
      limit: 10,
    };
    const answer = await askOf({ allow: false, reasons: [reason] });
    expect(answer).toMatchObject({ allow: false, reasons: [reason] });
    expect(answer).not.toHaveProperty('code');
  });

  test('reasons as plain texts, the published form', async () => {
    const answer = await askOf({
      allow: false,
      reasons: ['disk is full'],
      domain: 'infrastructure',
      checked: {},
    });
    expect(answer.reasons).toEqual([{ code: 'policy', message: 'disk is full' }]);
  });

  test.each(['advance', 'hold', 'rollback', 'inconclusive'])('the verdict %s', async (verdict) => {
    expect(await askOf({ allow: true, verdict })).toMatchObject({ allow: true, verdict });
  });

  test('a verdict in words of its own, where no canary waits for one', async () => {
    expect(await askOf({ allow: true, verdict: 'fine' })).not.toHaveProperty('verdict');
  });

  test('warnings, as texts and as objects, which block nothing', async () => {
    const warning = { code: 'mutable_tag', message: 'app:latest has a mutable tag', observed: 'latest' };
    const answer = await askOf({ allow: true, warnings: [warning, 'port 8080 is open to everybody'] });
    expect(answer).toMatchObject({
      allow: true,
      warnings: [warning, { code: 'policy', message: 'port 8080 is open to everybody' }],
    });
  });

  test.each([[[]], [null]])('warnings that are %j are none', async (warnings) => {
    expect(await askOf({ allow: true, warnings })).not.toHaveProperty('warnings');
  });

  test.each([['full'], [[7]], [[{ code: 'x' }]]])(
    'warnings that are %j warn of themselves and block nothing',
    async (warnings) => {
      const message = '`warnings` is not a list of texts or of objects with a `message`';
      expect(await askOf({ allow: true, warnings })).toMatchObject({ allow: true, warnings: [{ message }] });
    },
  );

  test('who decided and how long that took, as OPA says it', async () => {
    const provenance = { version: '1.21.1', bundles: {} };
    const metrics = { timer_rego_query_eval_ns: 41_883, timer_server_handler_ns: 335_353 };
    const document = { decision_id: '27c0005a', provenance, metrics, result: { allow: true } };
    const client = clientOf(await serveBody(JSON.stringify(document)));
    expect(await client.ask('infrastructure', INPUT)).toMatchObject({
      decisionId: '27c0005a',
      opaVersion: '1.21.1',
      evaluationMs: 0.041883,
    });
  });

  test('nothing of that, from an OPA that does not say it', async () => {
    const document = { decision_id: 7, metrics: { timer_rego_query_eval_ns: '1' }, result: { allow: true } };
    const answer = await clientOf(await serveBody(JSON.stringify(document))).ask('infrastructure', INPUT);
    expect(Object.keys(answer).sort()).toEqual(['allow', 'domain', 'durationMs', 'question', 'reasons']);
  });

  test('asked with the token, as JSON, at the path of the domain, with provenance', async () => {
    const seen: unknown[] = [];
    const url = await serveHttp((request, response) => {
      seen.push(request.method, request.url, request.headers.authorization, request.headers['content-type']);
      request.on('data', (chunk: Buffer) => seen.push(JSON.parse(chunk.toString())));
      request.on('end', () => response.end(decision({ allow: true })));
    });
    await clientOf(url).ask('my domain', { question: 'heal', host: { cpu_count: 2 } });
    expect(seen).toEqual([
      'POST',
      '/v1/data/swiftdeploy/my%20domain/decision?provenance=true&metrics=true',
      'Bearer token',
      'application/json',
      { input: { question: 'heal', host: { cpu_count: 2 } } },
    ]);
  });
});

describe('OPA_UNREACHABLE', () => {
  test('nobody listens', async () => {
    const answer = await clientOf(await closedPort()).ask('infrastructure', INPUT);
    expect(answer).toMatchObject({ allow: false, code: 'OPA_UNREACHABLE' });
    expect(answer.reasons[0]?.message).toMatch(
      /^OPA cannot be reached: http:\/\/127\.0\.0\.1:\d+, ECONNREFUSED$/,
    );
  });

  test('the connection is cut before an answer', async () => {
    const url = await serveTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await clientOf(url).ask('infrastructure', INPUT)).toMatchObject({
      allow: false,
      code: 'OPA_UNREACHABLE',
    });
  });

  test.each([
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{"result": {"allow": true'],
    [
      'in chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1b\r\n{"result": {"allow": true}}\r\n',
    ],
  ])('the connection is cut in the middle of an answer %s', async (_name, text) => {
    const url = await serveTcp((socket) => socket.once('data', () => socket.end(text)));
    const answer = await clientOf(url).ask('infrastructure', INPUT);
    expect(answer).toMatchObject({ allow: false, code: 'OPA_UNREACHABLE' });
    expect(answer.reasons[0]?.message).toContain('in the middle of the answer');
  });

  test('something that does not speak HTTP', async () => {
    const url = await serveTcp((socket) => socket.once('data', () => socket.end('+OK POP3 ready\r\n')));
    expect(await clientOf(url).ask('infrastructure', INPUT)).toMatchObject({
      allow: false,
      code: 'OPA_UNREACHABLE',
    });
  });
});

describe('OPA_TIMEOUT', () => {
  test('accepts and never answers, as a paused container does', async () => {
    const url = await serveTcp(() => undefined);
    const answer = await clientOf(url, { timeoutMs: 80 }).ask('infrastructure', INPUT);
    expect(answer).toMatchObject({ allow: false, code: 'OPA_TIMEOUT' });
    expect(answer.reasons[0]?.message).toMatch(
      /^OPA did not answer in time: no whole answer from .* within 80 ms$/,
    );
  });

  test('sends headers at once and then a body without end', async () => {
    const url = await serveHttp((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(drip));
    });
    const answer = await clientOf(url, { timeoutMs: 80 }).ask('infrastructure', INPUT);
    expect(answer).toMatchObject({ allow: false, code: 'OPA_TIMEOUT' });
  });

  test('the caller gives up, before and while asking', async () => {
    const client = clientOf(await serveTcp(() => undefined), { timeoutMs: 60_000 });
    const stop = new AbortController();
    const asking = client.ask('infrastructure', INPUT, stop.signal);
    stop.abort();
    expect(await asking).toMatchObject({ allow: false, code: 'OPA_TIMEOUT' });
    expect(await client.ask('infrastructure', INPUT, stop.signal)).toMatchObject({ code: 'OPA_TIMEOUT' });
  });
});

describe('refused by status', () => {
  const refusal = JSON.stringify({
    code: 'x',
    message: 'refused',
    errors: [{ message: 'eval_conflict_error' }],
  });

  test.each([
    [401, 'OPA_UNAUTHORIZED', 'OPA refused our token: status 401, refused: eval_conflict_error'],
    [403, 'OPA_UNAUTHORIZED', 'OPA refused our token: status 403, refused: eval_conflict_error'],
    [
      400,
      'OPA_BAD_REQUEST',
      'the question could not be put to OPA: status 400, refused: eval_conflict_error',
    ],
    [
      404,
      'OPA_BAD_REQUEST',
      'the question could not be put to OPA: status 404, refused: eval_conflict_error',
    ],
    [
      500,
      'OPA_EVAL_ERROR',
      'OPA failed while it evaluated the policy: status 500, refused: eval_conflict_error',
    ],
    [
      503,
      'OPA_EVAL_ERROR',
      'OPA failed while it evaluated the policy: status 503, refused: eval_conflict_error',
    ],
  ])('%i is %s', async (status, code, message) => {
    const answer = await clientOf(await serveBody(refusal, status)).ask('infrastructure', INPUT);
    expect(answer).toMatchObject({ allow: false, code, reasons: [{ code, message }] });
  });

  test.each([301, 302, 303, 307, 308])('a redirect by %i is not followed', async (status) => {
    let asked = 0;
    const good = await serveHttp((_request, response) => {
      asked += 1;
      response.end(decision({ allow: true }));
    });
    const url = await serveHttp((_request, response) => response.writeHead(status, { location: good }).end());
    expect(await clientOf(url).ask('infrastructure', INPUT)).toMatchObject({
      allow: false,
      code: 'OPA_MALFORMED',
    });
    expect(asked).toBe(0);
  });

  test('an allow under a status other than 200 is not believed', async () => {
    const url = await serveBody(decision({ allow: true }), 201);
    expect(await clientOf(url).ask('infrastructure', INPUT)).toMatchObject({
      allow: false,
      code: 'OPA_MALFORMED',
    });
  });
});

describe('OPA_BAD_REQUEST, before anything is sent', () => {
  const circular: Record<string, unknown> = { question: 'deploy' };
  circular.self = circular;

  test.each([
    [
      'NaN',
      { question: 'deploy', host: { cpu_load_1m: NaN } },
      'the fact host.cpu_load_1m is not a finite number',
    ],
    [
      'an infinity',
      { question: 'deploy', windows: [1, { p99: Infinity }] },
      'the fact windows.1.p99 is not a finite number',
    ],
    ['a circle', { question: 'deploy', circular }, 'the facts cannot be written as JSON'],
    ['a bigint', { question: 'deploy', bytes: 1n }, 'the facts cannot be written as JSON'],
  ])('%s among the facts', async (_name, input, detail) => {
    let asked = 0;
    const url = await serveHttp((_request, response) => {
      asked += 1;
      response.end(decision({ allow: true }));
    });
    const answer = await clientOf(url).ask('infrastructure', input);
    expect(answer).toMatchObject({ allow: false, code: 'OPA_BAD_REQUEST' });
    expect(answer.reasons[0]?.message).toBe(`the question could not be put to OPA: ${detail}`);
    expect(asked).toBe(0);
  });

  test('a token that no header can carry, and it is not printed', async () => {
    const answer = await clientOf(await serveBody('{}'), { token: 'a\nb' }).ask('infrastructure', INPUT);
    expect(answer).toMatchObject({ allow: false, code: 'OPA_BAD_REQUEST' });
    expect(answer.reasons[0]?.message).toContain('ERR_INVALID_CHAR');
  });
});

describe('bodies that decide nothing', () => {
  test.each([
    ['HTML', '<html><body>502 Bad Gateway</body></html>', 'OPA_NOT_JSON'],
    ['nothing', '', 'OPA_NOT_JSON'],
    ['half a document', '{"result": {"allow": true', 'OPA_NOT_JSON'],
    ['NaN', '{"result": {"allow": NaN}}', 'OPA_NOT_JSON'],
    ['undefined', '{}', 'OPA_UNDEFINED'],
    ['true', 'true', 'OPA_MALFORMED'],
    ['null', 'null', 'OPA_MALFORMED'],
    ['a list', '[]', 'OPA_MALFORMED'],
    ['a bare true', '{"result": true}', 'OPA_MALFORMED'],
    ['a result of null', '{"result": null}', 'OPA_MALFORMED'],
    ['a list of results', '{"result": [{"allow": true}]}', 'OPA_MALFORMED'],
    ['allow as text', '{"result": {"allow": "true"}}', 'OPA_MALFORMED'],
    ['allow as number', '{"result": {"allow": 1}}', 'OPA_MALFORMED'],
    ['no allow', '{"result": {"reasons": []}}', 'OPA_MALFORMED'],
    ['a denial without reasons', '{"result": {"allow": false}}', 'OPA_MALFORMED'],
    ['a denial with no reason in the list', '{"result": {"allow": false, "reasons": []}}', 'OPA_MALFORMED'],
    ['reasons as text', '{"result": {"allow": false, "reasons": "full"}}', 'OPA_MALFORMED'],
    ['an empty reason', '{"result": {"allow": false, "reasons": [""]}}', 'OPA_MALFORMED'],
    ['a reason without message', '{"result": {"allow": false, "reasons": [{"code": "x"}]}}', 'OPA_MALFORMED'],
    ['a reason that is a number', '{"result": {"allow": true, "reasons": [7]}}', 'OPA_MALFORMED'],
    ['another domain', '{"result": {"allow": true, "domain": "canary"}}', 'OPA_WRONG_DOMAIN'],
    ['another question', '{"result": {"allow": true, "question": "heal"}}', 'OPA_WRONG_DOMAIN'],
    ['a null question', '{"result": {"allow": true, "question": null}}', 'OPA_WRONG_DOMAIN'],
  ])('%s', async (_name, body, code) => {
    const answer = await clientOf(await serveBody(body)).ask('infrastructure', INPUT);
    expect(answer).toMatchObject({
      allow: false,
      code,
      domain: 'infrastructure',
      question: 'deploy',
      reasons: [{ code }],
    });
  });

  test.each([['go'], [true], [null], ['Advance']])(
    'a verdict on a canary that is %j, which nobody knows',
    async (verdict) => {
      const client = clientOf(await serveBody(decision({ allow: true, verdict })));
      const answer = await client.ask('canary', { question: 'analyse' });
      expect(answer).toMatchObject({ allow: false, code: 'OPA_MALFORMED' });
      expect(answer).not.toHaveProperty('verdict');
    },
  );

  test('bytes that are not UTF-8', async () => {
    const url = await serveHttp((_request, response) =>
      response.end(
        Buffer.concat([
          Buffer.from('{"result": {"allow": true, "x": "'),
          Buffer.from([0xff]),
          Buffer.from('"}}'),
        ]),
      ),
    );
    expect(await clientOf(url).ask('infrastructure', INPUT)).toMatchObject({
      allow: false,
      code: 'OPA_NOT_JSON',
    });
  });

  test('OPA_TOO_LARGE: 10 MB are not read to the end', async () => {
    const url = await serveBody(decision({ allow: true, padding: 'x'.repeat(10_000_000) }));
    const answer = await clientOf(url, { timeoutMs: 5000 }).ask('infrastructure', INPUT);
    expect(answer).toMatchObject({ allow: false, code: 'OPA_TOO_LARGE' });
  });
});

describe('OPA_STALE_POLICY', () => {
  const good = { allow: true, domain: 'infrastructure', question: 'deploy' };

  test('the expected revision is believed', async () => {
    expect(await askOf(good, { expectedRevision: 'r1' })).toMatchObject({ allow: true, revision: 'r1' });
  });

  test('another revision is not', async () => {
    const answer = await askOf(good, { expectedRevision: 'r2' });
    expect(answer).toMatchObject({ allow: false, code: 'OPA_STALE_POLICY' });
    expect(answer.reasons[0]?.message).toBe(
      'OPA decides by another revision of the policies: revision r1, expected r2',
    );
  });

  test.each([
    ['no provenance', { result: good }],
    ['no bundle', { result: good, provenance: { bundles: {} } }],
    ['a bundle without revision', { result: good, provenance: { bundles: { b: {} } } }],
    [
      'a second bundle',
      { result: good, provenance: { bundles: { a: { revision: 'r1' }, b: { revision: 'r0' } } } },
    ],
  ])('%s is not', async (_name, document) => {
    const url = await serveBody(JSON.stringify(document));
    const answer = await clientOf(url, { expectedRevision: 'r1' }).ask('infrastructure', INPUT);
    expect(answer).toMatchObject({ allow: false, code: 'OPA_STALE_POLICY' });
  });
});

describe('keep-alive', () => {
  const reply = decision({ allow: true });
  const http = `HTTP/1.1 200 OK\r\nContent-Length: ${reply.length}\r\nConnection: keep-alive\r\n\r\n${reply}`;

  test('one connection carries several questions', async () => {
    let connections = 0;
    const url = await serveTcp((socket) => {
      connections += 1;
      socket.on('data', () => socket.write(http));
    });
    const client = clientOf(url);
    for (let count = 0; count < 3; count += 1) {
      expect(await client.ask('infrastructure', INPUT)).toMatchObject({ allow: true });
    }
    expect(connections).toBe(1);
  });

  test('a kept connection that OPA had closed is not a denial', async () => {
    let connections = 0;
    const url = await serveTcp((socket) => {
      connections += 1;
      socket.once('data', () => {
        socket.write(http);
        socket.once('data', () => socket.resetAndDestroy());
      });
    });
    const client = clientOf(url);
    expect(await client.ask('infrastructure', INPUT)).toMatchObject({ allow: true });
    expect(await client.ask('infrastructure', INPUT)).toMatchObject({ allow: true });
    expect(connections).toBe(2);
  });

  test('a fresh connection that is cut is not asked again', async () => {
    let connections = 0;
    const url = await serveTcp((socket) => {
      connections += 1;
      socket.once('data', () => socket.resetAndDestroy());
    });
    expect(await clientOf(url).ask('infrastructure', INPUT)).toMatchObject({ code: 'OPA_UNREACHABLE' });
    expect(connections).toBe(1);
  });
});

test('proxy variables are not looked at', async () => {
  vi.stubEnv('NODE_USE_ENV_PROXY', '1');
  const nobody = await closedPort();
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'])
    vi.stubEnv(name, nobody);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await askOf({ allow: true })).toMatchObject({ allow: true });
});
