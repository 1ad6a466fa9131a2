/** A registry with one image, just enough for the Engine to pull from; it can also stop answering in the middle, or ask for a password. */
import { createHash } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

export interface FakeRegistry {
  /** The name to pull. */
  readonly reference: string;
  readonly close: () => void;
}

const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

export interface RegistryOptions {
  /** Layers never arrive. */
  readonly silent?: boolean;
  /** Who shall have it, `user:password`; everybody when left out. */
  readonly login?: string;
}

/** Serves `name:latest` with one file in one layer. */
export async function startRegistry(
  name: string,
  architecture: string,
  { silent = false, login }: RegistryOptions = {},
): Promise<FakeRegistry> {
  const layer = await layerTar(`${name} ${Math.random()}`);
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    }),
  );
  const blobs = new Map([gzipSync(layer), config].map((blob) => [digestOf(blob), blob]));
  const [layerDigest = '', configDigest = ''] = blobs.keys();
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        size: config.length,
        digest: configDigest,
      },
      layers: [
        {
          mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
          size: blobs.get(layerDigest)?.length,
          digest: layerDigest,
        },
      ],
    }),
  );
  const server = createServer((request, response) => {
    const url = request.url ?? '';
    if (login !== undefined && request.headers.authorization !== basic(login)) return ask(response);
    if (url.includes('/manifests/')) return send(response, manifest, MANIFEST_TYPE);
    if (!url.includes('/blobs/')) return send(response, Buffer.from('{}'), 'application/json');
    if (silent) return;
    send(
      response,
      blobs.get(url.slice(url.lastIndexOf('/') + 1)) ?? Buffer.alloc(0),
      'application/octet-stream',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    reference: `127.0.0.1:${(server.address() as AddressInfo).port}/${name}:latest`,
    close: () => end(server),
  };
}

function basic(login: string): string {
  return `Basic ${Buffer.from(login).toString('base64')}`;
}

/** For a password, as a registry without a server for tokens does. */
function ask(response: ServerResponse): void {
  response.writeHead(401, {
    'Content-Type': 'application/json',
    'WWW-Authenticate': 'Basic realm="fake"',
    'Docker-Distribution-Api-Version': 'registry/2.0',
  });
  response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
}

function send(response: ServerResponse, body: Buffer, type: string): void {
  response.writeHead(200, {
    'Content-Type': type,
    'Content-Length': body.length,
    'Docker-Content-Digest': digestOf(body),
    'Docker-Distribution-Api-Version': 'registry/2.0',
  });
  response.end(body);
}

function end(server: Server): void {
  server.close();
  server.closeAllConnections();
}

async function layerTar(content: string): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'hello', mtime: new Date(0) }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function digestOf(data: Buffer): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}
