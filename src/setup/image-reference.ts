/** The parts of an image's name that set-up needs: where a pull would go, which recipe fits, which version is meant. */

export interface ImageReference {
  readonly registry: string;
  /** Without registry: `library/nginx`, `openpolicyagent/opa`. */
  readonly repository: string;
  /** The last part of the repository: `nginx`, `opa`. */
  readonly name: string;
  /** `latest` where none is written; empty for a digest. */
  readonly tag: string;
}

const DOCKER_HUB = 'docker.io';

/** Splits `registry/path/name:tag@digest` by the rules of the docker CLI. */
export function parseImageReference(reference: string): ImageReference {
  const [named = '', digest] = reference.split('@');
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const path = hasTag ? named.slice(0, colon) : named;
  const { registry, repository } = splitRegistry(path);
  return {
    registry,
    repository,
    name: repository.slice(repository.lastIndexOf('/') + 1),
    tag: hasTag ? named.slice(colon + 1) : digest === undefined ? 'latest' : '',
  };
}

function splitRegistry(path: string): { registry: string; repository: string } {
  const slash = path.indexOf('/');
  const first = slash < 0 ? '' : path.slice(0, slash);
  if (first !== 'localhost' && !/[.:]/.test(first)) {
    return { registry: DOCKER_HUB, repository: slash < 0 ? `library/${path}` : path };
  }
  return { registry: first, repository: path.slice(slash + 1) };
}
