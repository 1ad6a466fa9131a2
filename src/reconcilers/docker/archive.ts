/** Tar in, tar out: the form in which the Engine moves files into and out of containers (works for remote engines too). */
import { extract, pack } from 'tar-stream';
import type { ContainerFile } from './engine.js';

/** A tar of the files, rooted at `/`, with the directories that they need. */
export function packFiles(files: readonly ContainerFile[]): NodeJS.ReadableStream {
  const tar = pack();
  for (const directory of directoriesOf(files))
    tar.entry({ name: directory, type: 'directory', mode: 0o755 });
  for (const file of files) {
    tar.entry(
      { name: file.path.slice(1), mode: file.mode, uid: file.uid, gid: file.uid },
      file.content as Buffer,
    );
  }
  tar.finalize();
  return tar as unknown as NodeJS.ReadableStream;
}

function directoriesOf(files: readonly ContainerFile[]): string[] {
  const all = new Set<string>();
  for (const file of files) {
    const parts = file.path.slice(1).split('/').slice(0, -1);
    parts.forEach((_, index) => all.add(parts.slice(0, index + 1).join('/')));
  }
  return [...all].sort();
}

/** The content of the first file in a tar stream. */
export async function unpackFile(stream: NodeJS.ReadableStream): Promise<Buffer | undefined> {
  const entries = extract();
  stream.pipe(entries);
  let content: Buffer | undefined;
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entry.header.type === 'file') content ??= Buffer.concat(chunks);
  }
  return content;
}
