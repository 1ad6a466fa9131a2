/** What becomes of a canary that fails, for its users and in the judge's log, with a real nginx before it. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  JUDGE_LOG_FIELDS,
  JUDGE_LOG_PREFIX,
  JUDGE_LOG_SEPARATOR,
  type JudgeLogField,
} from '../../src/reconcilers/proxy/judge-log.js';
import { cookieName } from '../../src/reconcilers/proxy/proxy-words.js';
import { Load } from '../support/load.js';
import { model, route, splitRoute } from '../support/model/proxy-models.js';
import { firstLetters } from '../support/pipeline.js';
import { ask, ProxyStage, type AskOptions, type Backend } from '../support/proxy-stage.js';
import { until } from '../support/until.js';

const NOBODY = 3999;

/** Counts what it is sent, echoes what is said to it, breaks off in the middle of `/cut`, never answers `/silent`. */
const PROGRAM = `
  const server = require('node:http').createServer((request, response) => {
    if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': '5000' });
      return void response.write('x', () => request.socket.destroySoon());
    }
    if (request.url === '/silent') return;
    let size = 0;
    request.on('data', (chunk) => (size += chunk.length)).on('end', () => response.end('C ' + size));
  });
  server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: upgrade\\r\\nUpgrade: echo\\r\\n\\r\\n');
    socket.pipe(socket);
  });
  server.listen(3000);
`;

const stage = new ProxyStage();
let stable: Backend;
let canary: Backend;
let extra: Backend;
let program: Backend;

beforeAll(async () => {
  await stage.open(model([]));
  [stable, canary, extra, program] = await Promise.all([
    stage.backend('S'),
    stage.backend('C'),
    stage.backend('C'),
    stage.nodeBackend(PROGRAM),
  ]);
});

afterAll(() => stage.close());

/** This canary at this weight, beside stable. A service for each test: so are the judge's lines told apart. */
function serve(service: string, canaryServers: Backend['servers'], weight: number): Promise<void> {
  const tracks = { stable: stable.servers, canary: canaryServers, weight };
  return stage.serve(model([splitRoute(service, { path: '/' }, tracks)]));
}

const refusing = ({ servers }: Backend) => servers.map((server) => ({ ...server, port: NOBODY }));

const askFor = (path: string, options: AskOptions = {}) => ask(stage.publicPort, path, options);

/** A request as the judge is told of it. */
type JudgeLine = Readonly<Record<JudgeLogField, string>>;

async function judgeLines(service: string): Promise<JudgeLine[]> {
  const lines = (await stage.log('stderr')).filter((line) => line.startsWith(JUDGE_LOG_PREFIX));
  const told = lines.map((line) => {
    const [prefix, ...fields] = line.split(JUDGE_LOG_SEPARATOR);
    expect([prefix, fields.length]).toEqual([JUDGE_LOG_PREFIX, JUDGE_LOG_FIELDS.length]);
    return Object.fromEntries(JUDGE_LOG_FIELDS.map(([name], at) => [name, fields[at] ?? ''])) as JudgeLine;
  });
  return told.filter((line) => line.service === service);
}

/** What the judge is told of a service once it was told of so many requests; the Engine takes its time. */
function told(service: string, requests: number): Promise<JudgeLine[]> {
  return until(`${String(requests)} requests are written down`, async () => {
    const lines = await judgeLines(service);
    return lines.length >= requests && lines;
  });
}

const wasTried = ({ upstreamStatus }: JudgeLine) => upstreamStatus === '502, 200';

function canaryAnswers(): Promise<boolean> {
  return until('the canary is asked again', async () => (await askFor('/')).body.startsWith('C'));
}

describe('a canary that fails', () => {
  test('by refusing costs no user an answer, is left alone at once, and is told of to the judge', async () => {
    await serve('refusing', refusing(canary), 100);
    let asked = 0;
    const [line] = await until('the canary was tried', async () => {
      for (const method of ['POST', 'GET']) expect((await askFor('/', { method })).body).toMatch(/^S /);
      asked += 2;
      const tried = (await told('refusing', asked)).filter(wasTried);
      return tried.length > 0 && tried;
    });
    expect(line).toMatchObject({
      track: 'canary',
      status: '200',
      upstreamAddress: expect.stringMatching(/^[\d.]+:3999, [\d.]+:3000$/) as string,
      upstreamConnectTime: expect.stringMatching(/^-, \d+\.\d{3}$/) as string,
      upstreamHeaderTime: expect.stringMatching(/^-, \d+\.\d{3}$/) as string,
    });
    const answers = await firstLetters(stage.publicPort, Array<string>(200).fill('X: y'));
    expect(new Set(answers)).toEqual(new Set(['S']));
    const later = (await told('refusing', asked + 200)).slice(asked);
    expect(later.filter(wasTried).length).toBeLessThan(50);
  });

  test('after it was sent a POST loses that one, with an error of ours, and a GET nothing', async () => {
    await serve('sent', canary.servers, 100);
    await canaryAnswers();
    const post = await askFor('/broken-C', { method: 'POST', body: 'x' });
    expect([post.status, post.headers['x-deployed-by']]).toEqual([502, 'swiftdeploy']);
    expect(JSON.parse(post.body)).toMatchObject({ code: 502, service: 'sent' });
    const cookie = `${cookieName('shop', { service: 'sent' })}=`;
    expect(post.headers['set-cookie']).toEqual([expect.stringContaining(cookie)]);
    await canaryAnswers();
    expect((await askFor('/broken-C')).body).toMatch(/^S /);
    const failed = await until('both are written down', async () => {
      const lines = (await judgeLines('sent')).filter(({ upstreamStatus }) => upstreamStatus.includes('502'));
      return lines.length >= 2 && lines;
    });
    expect(failed.map(({ status, upstreamStatus }) => [status, upstreamStatus])).toEqual([
      ['502', '502'],
      ['200', '502, 200'],
    ]);
  });

  test('by dying under load fails nobody', async () => {
    await serve('dying', extra.servers, 50);
    const load = new Load(`http://127.0.0.1:${String(stage.publicPort)}/`, { gets: 8, posts: 0 });
    try {
      await until('users are served', () => load.answered > 50);
      await extra.container.kill();
      const killed = load.answered;
      await until('users are still served', () => load.answered > killed + 300);
    } finally {
      await load.stop();
    }
    expect(load.failures).toEqual([]);
  });
});

describe('what the judge is told', () => {
  test('is a line for each user’s request, on a stream of its own, that no user can forge', async () => {
    const tracks = {
      stable: stable.servers,
      canary: canary.servers,
      weight: 0,
      split: { header: 'X-Canary' },
    };
    const plain = route('plain', { path: '/plain' }, stable.servers);
    await stage.serve(model([splitRoute('app', { path: '/' }, tracks), plain]));
    const { length: published } = await stage.log('stdout');
    const forged = `${JUDGE_LOG_PREFIX}|1.000|app|stable|200`;
    await askFor('/plain');
    await askFor(`/%0a${forged}`, { headers: { 'X-Canary': forged, Cookie: forged } });
    await askFor(`/${forged}`, { headers: { 'X-Canary': 'always', 'User-Agent': forged } });
    const lines = await told('app', 2);
    expect(lines.map(({ track, upstreamStatus }) => `${track} ${upstreamStatus}`).sort()).toEqual([
      'canary 200',
      'stable 200',
    ]);
    expect(await judgeLines('plain')).toEqual([]);
    const own = (await stage.log('stdout')).slice(published);
    expect(own).toHaveLength(3);
    for (const line of own)
      expect(line).toMatch(/^\S+ \| 200 \| \d+\.\d{3}s \| [\d.]+:3000 \| GET \/\S* HTTP\/1\.1$/);
  });

  test('names every attempt of a request that nginx had to answer itself', async () => {
    const tracks = { stable: refusing(stable), canary: refusing(canary), weight: 0 };
    await stage.serve(model([splitRoute('nobody', { path: '/' }, tracks)]));
    expect((await askFor('/')).status).toBe(502);
    const [line] = await told('nobody', 1);
    expect(line).toMatchObject({ track: 'stable', status: '502', upstreamStatus: '502' });
    expect(line?.upstreamAddress).toMatch(/:3999$/);
  });

  test('names whom nginx turned to when there was nobody on either track, and the error is still ours', async () => {
    const unknown = (address: string) => [{ address, port: 3000 }];
    const tracks = { stable: unknown('aaaaaaaaaaaa'), canary: unknown('cccccccccccc'), weight: 100 };
    await stage.serve(model([splitRoute('unknown', { path: '/' }, tracks)]));
    const { status, headers, body } = await askFor('/', { method: 'POST', body: 'x' });
    expect([status, headers['x-deployed-by']]).toEqual([502, 'swiftdeploy']);
    expect(JSON.parse(body)).toMatchObject({ code: 502, service: 'unknown' });
    const [line] = await told('unknown', 1);
    expect(line).toMatchObject({
      track: 'canary',
      upstreamAddress: 'unknown_canary : unknown_stable',
      upstreamConnectTime: '- : -',
    });
  });

  test('shows an answer that the replica broke off by its length', async () => {
    await serve('cut', program.servers, 100);
    await expect(askFor('/cut')).rejects.toThrow('aborted');
    const [line] = await told('cut', 1);
    expect(line).toMatchObject({ status: '200', upstreamResponseLength: '1', contentLength: '5000' });
  });

  test('says that the user went away', async () => {
    await serve('left', program.servers, 100);
    const socket = connect(stage.publicPort, '127.0.0.1', () =>
      socket.end('GET /silent HTTP/1.1\r\nHost: any.example\r\n\r\n'),
    );
    const [line] = await told('left', 1);
    expect(line).toMatchObject({ status: '499', upstreamStatus: '-', completion: '' });
  });
});

test('a WebSocket is upgraded, and a large body arrives whole', async () => {
  await serve('large', program.servers, 100);
  const { body } = await askFor('/', { method: 'POST', body: 'x'.repeat(5_000_000) });
  expect(body).toBe('C 5000000');
  const socket = connect(stage.publicPort, '127.0.0.1');
  let said = '';
  socket.on('data', (chunk) => (said += chunk.toString('utf8')));
  socket.write('GET / HTTP/1.1\r\nHost: any.example\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
  await until('it is upgraded', () => said.startsWith('HTTP/1.1 101 '));
  socket.write('ping');
  await until('what was said comes back', () => said.endsWith('ping'));
  socket.destroy();
});
