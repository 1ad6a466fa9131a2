/** Makes a Node base image out of the node that runs this program: its binary and the libraries it loads. */
import { existsSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '../../../scripts/command.mjs';
import { MADE_OF_LABEL } from '../image-build.js';
import type { ImageRecipe } from './recipe.js';

const DOCKERFILE = `FROM scratch
COPY rootfs/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
CMD ["node"]
`;

const PASSWD = 'root:x:0:0:root:/root:/usr/sbin/nologin\nnode:x:1000:1000::/home/node:/usr/sbin/nologin\n';
const GROUP = 'root:x:0:\nnode:x:1000:\n';

/** Node loads these on demand, so `ldd` does not name them. */
const RESOLVER_LIBRARIES = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'];

export const nodeRecipe: ImageRecipe = {
  makes: (reference) => reference.repository === 'library/node',
  mayPull: true,
  needs: [],
  prepare: async (directory, _reference, report) => {
    const context = join(directory, 'context');
    const root = join(context, 'rootfs');
    report(`copying node ${process.version} and its libraries`);
    await copyNode(root);
    await writeFile(join(context, 'Dockerfile'), DOCKERFILE);
    return {
      directory: context,
      labels: { [MADE_OF_LABEL]: `node ${process.version} of the machine that built it` },
    };
  },
};

async function copyNode(root: string): Promise<void> {
  await mkdir(join(root, 'usr/local/bin'), { recursive: true });
  await mkdir(join(root, 'tmp'));
  await chmod(join(root, 'tmp'), 0o1777);
  await mkdir(join(root, 'etc'));
  await writeFile(join(root, 'etc/passwd'), PASSWD);
  await writeFile(join(root, 'etc/group'), GROUP);
  await copyFile(await realpath(process.execPath), join(root, 'usr/local/bin/node'));
  for (const library of await nodeLibraries()) await copyTo(root, library);
}

/** Paths as the loader wants them; the files behind symlinks are copied under those names. */
async function nodeLibraries(): Promise<string[]> {
  const listing = await runCommand('ldd', [process.execPath]);
  const linked = [...listing.matchAll(/(\/\S+) \(0x/g)].map((match) => String(match[1]));
  const directory = dirname(linked.find((path) => path.includes('libc.so')) ?? '/lib');
  const resolvers = RESOLVER_LIBRARIES.map((name) => join(directory, name)).filter((path) =>
    existsSync(path),
  );
  return [...new Set([...linked, ...resolvers])];
}

async function copyTo(root: string, path: string): Promise<void> {
  const target = join(root, path);
  await mkdir(dirname(target), { recursive: true });
  await cp(await realpath(path), target);
}
