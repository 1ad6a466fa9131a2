/** What `render` tells: the checksums as data, the rest as talk. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { shellQuote } from '../../controller/shell-quote.js';
import type { StackSpec } from '../../reconcilers/desired/stack-spec.js';
import { FALLBACK_USER } from '../../reconcilers/plan/container-template.js';
import { COMPOSE_FILE, type GeneratedFile } from '../../reconcilers/render/stack-files.js';
import type { Paint } from '../basics/talk.js';
import type { Replaced } from './generated-folder.js';
import type { ImageFacts } from './image-facts.js';

/** As in schema/render.schema.json. */
export interface Rendering {
  readonly apiVersion: 'swiftdeploy/v1';
  readonly kind: 'Rendering';
  readonly stack: string;
  readonly folder: string;
  readonly files: readonly RenderedFile[];
  readonly removed: readonly string[];
  readonly foreign: readonly string[];
  readonly assumedUsers: readonly AssumedUser[];
}

interface RenderedFile {
  readonly path: string;
  readonly sha256: string;
  readonly mode: string;
  readonly changed: boolean;
}

interface AssumedUser {
  readonly image: string;
  readonly user: string;
}

export interface Rendered {
  readonly stack: StackSpec;
  readonly folder: string;
  readonly files: readonly GeneratedFile[];
  readonly images: ImageFacts;
  readonly replaced: Replaced;
}

export function rendering({ stack, folder, files, images, replaced }: Rendered): Rendering {
  return {
    apiVersion: 'swiftdeploy/v1',
    kind: 'Rendering',
    stack: stack.name,
    folder,
    files: files.map(({ path, content, mode }) => ({
      path,
      sha256: createHash('sha256').update(content).digest('hex'),
      mode: mode.toString(8).padStart(4, '0'),
      changed: replaced.changed.includes(path),
    })),
    removed: replaced.removed,
    foreign: replaced.foreign,
    assumedUsers: images.unknown.map((image) => ({ image, user: FALLBACK_USER })),
  };
}

/** As `sha256sum --check` reads them; `shown`: the folder, as seen from here. */
export function checksumLines({ files }: Rendering, shown: string): string[] {
  return files.map(({ path, sha256 }) => `${sha256}  ${join(shown, path)}`);
}

export function talkLines(result: Rendering, shown: string, paint: Paint): string[] {
  const { files, removed, foreign, assumedUsers } = result;
  const changed = files.filter((file) => file.changed).length;
  const news = changed + removed.length === 0 ? 'nothing changed' : `${counted(changed, 'file')} written`;
  return [
    ...assumedUsers.map(({ image, user }) => assumedLine(image, user, paint)),
    ...removed.map((path) => `${paint('yellow', '-')} ${join(shown, path)} is generated no more`),
    ...(foreign.length === 0 ? [] : [`  left alone in ${shown}: ${foreign.join(', ')}`]),
    `${paint('green', '✔')} ${shown}: ${news}`,
    `  without swiftdeploy: swiftdeploy teardown, then docker compose -f ${shellQuote(join(shown, COMPOSE_FILE))} up -d`,
  ];
}

/** A manifest names one version of a service: whatever stands beside a canary is in none of the files. */
export function canaryLines({ services }: StackSpec, paint: Paint): string[] {
  return services
    .filter(({ mode }) => mode === 'canary')
    .map(
      ({ name, container: { version } }) =>
        `${paint('yellow', '!')} ${name} is a canary: these files give its version ${version} all of the requests, and have no stable version`,
    );
}

function assumedLine(image: string, user: string, paint: Paint): string {
  return `${paint('yellow', '!')} no engine here has ${image}, so its user is taken to be ${user}; name another with "user:" in the manifest`;
}

function counted(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? '' : 's'}`;
}
