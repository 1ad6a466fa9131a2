/**
 * What Rego may use here: all that the image's own OPA can do, without what reaches outside or answers by chance. Policies decide on the
 * facts that they are given; a built-in that fetches others makes an answer that nobody can repeat.
 */
import { join } from 'node:path';
import { StatusFile } from '../../controller/status-file.js';
import { runThrowAway, type ThrowAwayPlace } from '../throw-away.js';
import { asObject, asText, parseJson } from './json-value.js';

/** By name, with what it would do. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  'http.send': 'it asks other servers',
  'net.lookup_ip_addr': 'it asks name servers',
  'opa.runtime': "it reads the policy engine's configuration and environment",
  'rand.intn': 'it answers by chance',
  'uuid.rfc4122': 'it answers by chance',
};

/** What comes to `net.` later reaches outside until somebody has looked at it; addresses are compared without. */
const REACHES_OUT = /^net\.(?!cidr_)/;

/** Why policies may not use it, for a person; undefined for what they may. */
export function whyForbidden(builtin: string): string | undefined {
  const known = Object.hasOwn(FORBIDDEN, builtin) ? FORBIDDEN[builtin] : undefined;
  return known ?? (REACHES_OUT.test(builtin) ? 'it reaches outside' : undefined);
}

/** By image: an image does not change, and asking one takes a container. Kept in the state directory, where there is one. */
export class CapabilityShelf {
  private readonly known = new Map<string, Buffer>();
  private readonly file: StatusFile | undefined;

  constructor(stateDir?: string) {
    if (stateDir !== undefined)
      this.file = new StatusFile(join(stateDir, 'opa-capabilities.json'), { mode: 0o600 });
  }

  /** A capabilities file for `opa`, of the image with this id. */
  async of(place: ThrowAwayPlace, imageId: string): Promise<Buffer> {
    const known = this.known.get(imageId) ?? (await this.find(place, imageId));
    this.known.set(imageId, known);
    return known;
  }

  private async find(place: ThrowAwayPlace, image: string): Promise<Buffer> {
    const kept = await this.kept(image);
    if (kept !== undefined) return allowedOnly(kept);
    const output = await ask(place);
    const found = allowedOnly(output);
    // It saves time, no more: whoever may not write there asks again.
    await this.file?.write({ image, output }).catch(() => undefined);
    return found;
  }

  private async kept(image: string): Promise<string | undefined> {
    const kept = asObject(await this.file?.read());
    return kept?.image === image ? asText(kept.output) : undefined;
  }
}

async function ask(place: ThrowAwayPlace): Promise<string> {
  const { output } = await runThrowAway(place, {
    suffix: 'c',
    args: ['capabilities', '--current'],
    files: [],
    maxLines: MOST_LINES,
  });
  return output;
}

const MOST_LINES = 100_000;

/** `output`: of `opa capabilities --current`; throws for an OPA that cannot say it. */
export function allowedOnly(output: string): Buffer {
  const all = asObject(parseJson(Buffer.from(output)));
  if (!Array.isArray(all?.builtins))
    throw new Error('this OPA does not say what it can do (opa capabilities --current): use 0.44 or newer');
  const builtins = all.builtins.filter(
    (builtin) => whyForbidden(asText(asObject(builtin)?.name) ?? '') === undefined,
  );
  return Buffer.from(JSON.stringify({ ...all, builtins, allow_net: [] }));
}
