/** A container engine of which nothing runs: it says who it is, and lists nothing. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { onTestFinished, vi } from 'vitest';

/** Answers until the test ends; `DOCKER_HOST` leads to it. */
/** One container or image, by its name: it has none. */
const ONE = /\/(containers|images)\/.+\/json\b/;

export async function serveQuietEngine(socket: string, id: string): Promise<void> {
  const about = {
    ID: id,
    Volumes: [],
    Version: '27.0.0',
    ApiVersion: '1.47',
    DockerRootDir: '/var/lib/docker',
  };
  const server = createServer(({ url = '' }, response) => {
    const body = /\/(containers|networks)\b/.test(url)
      ? []
      : { ...about, SystemTime: new Date().toISOString() };
    response
      .writeHead(ONE.test(url) ? 404 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(body));
  });
  await once(server.listen(socket), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  vi.stubEnv('DOCKER_HOST', `unix://${socket}`);
}
