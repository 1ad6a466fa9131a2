/** Makes an Open Policy Agent image like the official static one: compiled here from the Go module proxy, nothing else in it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../../scripts/command.mjs';
import { MADE_OF_LABEL } from '../image-build.js';
import { findGo } from './go.js';
import type { ImageRecipe } from './recipe.js';

const MODULE = 'github.com/open-policy-agent/opa';

/** Built where the tag names no version of its own. */
const DEFAULT_VERSION = 'v1.21.1';

const DOCKERFILE = `FROM scratch
COPY opa /opa
USER 1000:1000
ENTRYPOINT ["/opa"]
CMD ["run"]
`;

export const opaRecipe: ImageRecipe = {
  makes: (reference) => reference.name === 'opa',
  mayPull: true,
  needs: [],
  prepare: async (directory, reference, report) => {
    const context = join(directory, 'context');
    await mkdir(context);
    const go = await findGo(join(directory, 'go'), report);
    const version = opaVersion(reference.tag);
    report(`compiling Open Policy Agent ${version} (about a minute the first time)`);
    await runCommand(go, ['install', '-ldflags=-s -w', `${MODULE}@${version}`], {
      cwd: directory,
      env: { CGO_ENABLED: '0', GOBIN: context, GOFLAGS: '-trimpath' },
      timeoutMs: 900_000,
    });
    await writeFile(join(context, 'Dockerfile'), DOCKERFILE);
    return { directory: context, labels: { [MADE_OF_LABEL]: `${MODULE}@${version}` } };
  },
};

/** `0.70.0-static` means v0.70.0; `latest-static` means ours. */
export function opaVersion(tag: string): string {
  const named = /^v?(\d+\.\d+\.\d+)/.exec(tag)?.[1];
  return named === undefined ? DEFAULT_VERSION : `v${named}`;
}
