/** Builds an image from a directory with the Engine's API, so that no docker CLI is needed. */
import type { Stats } from 'node:fs';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Docker } from '../reconcilers/docker/dockerode.js';
import { pack, type Pack } from 'tar-stream';
import type { Report } from '../../scripts/stage.mjs';
import { LOCAL_BUILD_LABEL, MADE_OF_LABEL } from '../reconcilers/docker/image-labels.js';

export { LOCAL_BUILD_LABEL, MADE_OF_LABEL };

/** Digest of the sources, where a change of them makes the image stale. */
export const SOURCE_HASH_LABEL = 'swiftdeploy.source-hash';

export interface ImageContext {
  /** Holds a Dockerfile and what it copies. */
  readonly directory: string;
  /** Names at the top of `directory` that are not sent. */
  readonly ignore?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Builds `context` under the name `reference`; rejects with the Engine's message. */
export async function buildImage(
  docker: Docker,
  reference: string,
  context: ImageContext,
  report: Report,
): Promise<void> {
  const tar = pack();
  const sent = packDirectory(tar, context);
  const stream = await docker.buildImage(tar as unknown as NodeJS.ReadableStream, {
    t: reference,
    labels: { [LOCAL_BUILD_LABEL]: 'true', ...context.labels },
    forcerm: true,
    networkmode: 'host',
  });
  await sent;
  await followBuild(docker, stream, report);
}

function followBuild(docker: Docker, stream: NodeJS.ReadableStream, report: Report): Promise<void> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error) => (error ? reject(error) : resolve()),
      (event: { stream?: string }) => {
        if (event.stream?.trim()) report(event.stream.trim());
      },
    );
  });
}

async function packDirectory(tar: Pack, context: ImageContext): Promise<void> {
  try {
    for (const name of (await readdir(context.directory)).sort()) {
      if (!context.ignore?.includes(name)) await packPath(tar, context.directory, name);
    }
    tar.finalize();
  } catch (error) {
    tar.destroy(error as Error);
    throw error;
  }
}

async function packPath(tar: Pack, root: string, name: string): Promise<void> {
  const path = join(root, name);
  const stats = await lstat(path);
  // Owned by root and of no date: the same sources give the same layers.
  const header = { name, mode: stats.mode & 0o7777, mtime: new Date(0), uid: 0, gid: 0 };
  if (stats.isSymbolicLink()) {
    tar.entry({ ...header, type: 'symlink', linkname: await readlink(path) });
  } else if (stats.isDirectory()) {
    tar.entry({ ...header, type: 'directory' });
    for (const child of (await readdir(path)).sort()) await packPath(tar, root, `${name}/${child}`);
  } else {
    await packFile(tar, path, { ...header, size: stats.size }, stats);
  }
}

async function packFile(
  tar: Pack,
  path: string,
  header: { name: string; size: number },
  stats: Stats,
): Promise<void> {
  if (!stats.isFile()) return;
  await pipeline(createReadStream(path), tar.entry(header));
}
