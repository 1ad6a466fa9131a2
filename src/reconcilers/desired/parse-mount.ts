/** One entry of `volumes`: `name:/path[:ro|rw]` or `/host/path:/path[:ro|rw]`. */
import type { MountSpec } from './stack-spec.js';

export type MountResult = { readonly mount: MountSpec } | { readonly refusal: string };

const VOLUME_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{1,127}$/;
const CLIMBS = 'must name the path on the host without `..`, which may lead elsewhere than it reads';

/** The mount, or the rule that the text breaks. */
export function parseMount(text: string): MountResult {
  const [source = '', target = '', access = 'rw', ...rest] = text.split(':');
  if (text.includes('\0') || target === '' || source === '' || rest.length > 0) {
    return { refusal: 'must be name:/path or /host/path:/path, with :ro at the end for read-only' };
  }
  if (access !== 'ro' && access !== 'rw') return { refusal: 'must end in :ro or :rw, if in anything' };
  if (!isTarget(target)) return { refusal: 'must name an absolute path, other than /, inside the container' };
  const mount = { source, target: trimSlash(target), readOnly: access === 'ro' };
  if (source.startsWith('/'))
    return climbs(source) ? { refusal: CLIMBS } : { mount: { type: 'bind', ...mount } };
  if (VOLUME_NAME.test(source)) return { mount: { type: 'volume', ...mount } };
  return {
    refusal:
      'must start with an absolute path of the host, or with the name of a volume, two characters or more',
  };
}

function isTarget(target: string): boolean {
  return target.startsWith('/') && trimSlash(target) !== '' && !climbs(target);
}

function climbs(path: string): boolean {
  return path.split('/').includes('..');
}

function trimSlash(path: string): string {
  return path.replace(/\/+$/, '');
}
