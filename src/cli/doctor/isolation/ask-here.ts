/** The same requests from this machine, as any program on it could send them. */
import { request } from 'node:http';
import type { ProbeRequest, Said, Way } from './requests.js';

const TIMEOUT_MS = 2000;
const BODY_LIMIT = 2000;

/** Where nobody is reached by the first request, the others are not tried. */
export async function askHere(
  ways: readonly Way[],
  requests: readonly ProbeRequest[],
  guess: string,
): Promise<readonly Said[]> {
  const said = ways.map(async (way) => {
    const [first, ...others] = requests;
    if (first === undefined) return [];
    const reached = await send(way, first, guess);
    if (reached.status === 0) return [reached];
    return [reached, ...(await Promise.all(others.map((other) => send(way, other, guess))))];
  });
  return (await Promise.all(said)).flat();
}

function send(way: Way, asked: ProbeRequest, guess: string): Promise<Said> {
  const { method, path, token, body } = asked;
  const headers = token === 'none' ? {} : { authorization: `Bearer ${guess}` };
  return new Promise((resolve) => {
    const call = request(new URL(path, way.url), { method, headers, agent: false });
    const timer = setTimeout(() => finish(0, ''), TIMEOUT_MS);
    const finish = (status: number, text: string) => {
      clearTimeout(timer);
      call.destroy();
      resolve({ way, request: asked, status, body: text });
    };
    call.once('error', () => finish(0, ''));
    call.once('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      const end = () => finish(answer.statusCode ?? 0, text.slice(0, BODY_LIMIT));
      answer.on('data', (chunk: string) => (text += chunk).length > BODY_LIMIT && end());
      answer.once('error', end);
      answer.once('end', end);
    });
    call.end(body);
  });
}
