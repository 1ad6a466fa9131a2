/** The parts of an image's name, by the rules of the docker CLI. The only parser of them. */

export interface ImageReference {
  /** Host, with its port where one is written; `docker.io` where none is; empty for a bare image id. */
  readonly registry: string;
  /** Without registry: `library/nginx`, `openpolicyagent/opa`. */
  readonly repository: string;
  /** The last part of the repository: `nginx`, `opa`. */
  readonly name: string;
  /** `latest` where none is written; empty for a digest alone. */
  readonly tag: string;
  /** `sha256:…`; absent where none is written. */
  readonly digest?: string;
}

const DOCKER_HUB = 'docker.io';
const IMAGE_ID = /^sha256:[0-9a-f]{64}$/;

/** Splits `registry/path/name:tag@digest`. */
export function parseImageReference(reference: string): ImageReference {
  if (IMAGE_ID.test(reference)) return { registry: '', repository: '', name: '', tag: '', digest: reference };
  const [named = '', digest] = reference.split('@');
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const { registry, repository } = splitRegistry(hasTag ? named.slice(0, colon) : named);
  return {
    registry,
    repository,
    name: repository.slice(repository.lastIndexOf('/') + 1),
    tag: hasTag ? named.slice(colon + 1) : digest === undefined ? 'latest' : '',
    ...(digest === undefined ? {} : { digest }),
  };
}

function splitRegistry(path: string): { registry: string; repository: string } {
  const slash = path.indexOf('/');
  const first = slash < 0 ? '' : path.slice(0, slash);
  const isHub = !isHost(first) || first === DOCKER_HUB || first === `index.${DOCKER_HUB}`;
  const rest = isHost(first) ? path.slice(slash + 1) : path;
  if (!isHub) return { registry: first, repository: rest };
  return { registry: DOCKER_HUB, repository: rest.includes('/') ? rest : `library/${rest}` };
}

/** A repository of the Hub is in small letters and has neither dots nor ports before its first slash. */
function isHost(first: string): boolean {
  return first === 'localhost' || /[.:A-Z]/.test(first);
}
