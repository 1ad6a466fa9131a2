/**
 * Makes an nginx image out of Debian's packages that can be used like the official one: same paths, same users,
 * logs on stdout and stderr, configuration in /etc/nginx.
 */
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '../../../scripts/command.mjs';
import { StageError } from '../../../scripts/stage.mjs';
import { MADE_OF_LABEL } from '../image-build.js';
import { openDebianSuite, unpackPackages } from './debian-packages.js';
import type { ImageRecipe } from './recipe.js';

/** nginx >= 1.27.4 is needed for reloads without a lost request; Debian's stable suites are older. */
const SUITE = 'forky';
const PACKAGES = [
  'nginx',
  'nginx-common',
  'libc6',
  'libpcre2-8-0',
  'libssl3t64',
  'zlib1g',
  'libcrypt1',
  'libzstd1',
];

/** What unpacking leaves behind that a proxy never reads. */
const SUPERFLUOUS = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/lintian',
  'usr/share/bug',
  'usr/share/vim',
  'etc/init.d',
];

const DIRECTORIES = [
  'etc/nginx/conf.d',
  'run',
  'var/cache/nginx',
  'var/lib/nginx',
  'var/log/nginx',
  'usr/share/nginx/html',
];

/** Says its version in the environment, as the official image does. */
function dockerfile(packageVersion: string): string {
  return `FROM scratch
COPY rootfs/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV NGINX_VERSION=${packageVersion.split('-')[0] ?? packageVersion}
EXPOSE 80
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]
`;
}

const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': [
    'root:x:0:0:root:/root:/usr/sbin/nologin',
    'www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin',
    'nginx:x:101:101:nginx:/nonexistent:/usr/sbin/nologin',
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
    '',
  ].join('\n'),
  'etc/group': [
    'root:x:0:',
    'www-data:x:33:',
    'nginx:x:101:',
    'nogroup:x:65534:',
    'nobody:x:65533:',
    '',
  ].join('\n'),
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  'etc/nginx/nginx.conf': `user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;
events { worker_connections 1024; }
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log /var/log/nginx/access.log;
    sendfile on;
    keepalive_timeout 65;
    include /etc/nginx/conf.d/*.conf;
}
`,
  'etc/nginx/conf.d/default.conf': `server {
    listen 80;
    location / { root /usr/share/nginx/html; index index.html; }
}
`,
  'usr/share/nginx/html/index.html': '<!DOCTYPE html><title>nginx</title><h1>nginx</h1>\n',
};

const SYMLINKS: Readonly<Record<string, string>> = {
  bin: 'usr/bin',
  sbin: 'usr/sbin',
  lib: 'usr/lib',
  lib64: 'usr/lib64',
  'var/run': '/run',
  'var/log/nginx/access.log': '/dev/stdout',
  'var/log/nginx/error.log': '/dev/stderr',
};

export const nginxRecipe: ImageRecipe = {
  makes: (reference) => /^nginx(-unprivileged)?$/.test(reference.name),
  mayPull: true,
  needs: [],
  prepare: async (directory, _reference, report) => {
    const context = join(directory, 'context');
    const root = join(context, 'rootfs');
    await mkdir(root, { recursive: true });
    const suite = await openDebianSuite(SUITE, join(directory, 'apt'), report);
    const versions = await unpackPackages(suite, PACKAGES, root, report);
    await layOut(root);
    await checkLibraries(root);
    const version = versions.get('nginx') ?? 'of unknown version';
    await writeFile(join(context, 'Dockerfile'), dockerfile(version));
    return { directory: context, labels: { [MADE_OF_LABEL]: `nginx ${version} (Debian ${SUITE})` } };
  },
};

async function layOut(root: string): Promise<void> {
  for (const path of SUPERFLUOUS) await rm(join(root, path), { recursive: true, force: true });
  for (const path of DIRECTORIES) await mkdir(join(root, path), { recursive: true });
  await mkdir(join(root, 'tmp'), { recursive: true });
  await chmod(join(root, 'tmp'), 0o1777);
  for (const [path, text] of Object.entries(FILES)) await writeFile(join(root, path), text);
  for (const [path, target] of Object.entries(SYMLINKS)) await link(join(root, path), target);
}

async function link(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { recursive: true, force: true });
  await symlink(target, path);
}

/** Asks the image's own loader: a package that came to need one more library is found here, not at the first start. */
async function checkLibraries(root: string): Promise<void> {
  const libraries = await libraryDirectory(root);
  const loader = (await readdir(libraries)).find((name) => /^ld-linux.*\.so/.test(name));
  if (loader === undefined)
    throw new StageError('the packages hold no dynamic loader', 'report this as a bug');
  const list = ['--library-path', libraries, '--list', join(root, 'usr/sbin/nginx')];
  const missing = (await runCommand(join(libraries, loader), list)).match(/\S+ => not found/g);
  if (missing === null) return;
  throw new StageError(
    `Debian ${SUITE}'s nginx needs libraries that the recipe does not unpack: ${missing.join(', ')}`,
    'add their packages to PACKAGES in src/setup/recipes/nginx.ts',
  );
}

async function libraryDirectory(root: string): Promise<string> {
  const base = join(root, 'usr/lib');
  const names = await readdir(base);
  const triplet = names.find(
    (name) => name.includes('-linux-gnu') && existsSync(join(base, name, 'libc.so.6')),
  );
  return join(base, triplet ?? '');
}
