/** Many requests over few connections: each connection sends all of its requests at once and takes the answers in their order. */
import { connect } from 'node:net';

/** nginx closes a connection after a thousand. */
const PER_CONNECTION = 500;

/** The first letter of each answer's body, in the order of `headers`; every answer must name itself with a letter and a blank. */
export async function firstLetters(port: number, headers: readonly string[]): Promise<string[]> {
  const parts = Array.from({ length: Math.ceil(headers.length / PER_CONNECTION) }, (_, index) =>
    headers.slice(index * PER_CONNECTION, (index + 1) * PER_CONNECTION),
  );
  return (await Promise.all(parts.map((part) => lettersOf(port, part)))).flat();
}

function lettersOf(port: number, headers: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1');
    socket.on('error', reject);
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('close', () => {
      const letters = [...text.matchAll(/\r\n\r\n([A-Z]) /g)].map(([, letter = '']) => letter);
      if (letters.length === headers.length) resolve(letters);
      else reject(new Error(`${String(letters.length)} of ${String(headers.length)} requests were answered`));
    });
    const requests = headers.map((header, index) => {
      const end = index === headers.length - 1 ? 'Connection: close\r\n' : '';
      return `GET / HTTP/1.1\r\nHost: any.example\r\n${header}\r\n${end}\r\n`;
    });
    // Half-closed, it would look like a user who left.
    socket.write(requests.join(''));
  });
}
