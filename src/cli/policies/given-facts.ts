/** The facts that a person gives to `policies explain`: a file of JSON, or `-` for what comes in on stdin, as for kubectl. */
import { readSource } from '../../controller/read-source.js';
import { asObject, parseJson, type JsonObject } from '../../reconcilers/policy/json-value.js';
import { CommandError, EXIT } from '../basics/exit.js';
import { unlessAborted } from '../basics/signals.js';

export interface GivenFacts {
  /** What messages call it. */
  readonly name: string;
  readonly facts: JsonObject;
}

const STDIN = '-';
const MAX_INPUT_BYTES = 1024 * 1024;

export async function givenFacts(path: string, stop: AbortSignal): Promise<GivenFacts> {
  const name = path === STDIN ? 'stdin' : path;
  const bytes = path === STDIN ? await onStdin(stop) : await inFile(path);
  if (bytes.length > MAX_INPUT_BYTES)
    throw new CommandError(`${name} is larger than 1 MiB: the facts of one question are a few kB`);
  const facts = asObject(parseJson(bytes));
  if (facts === undefined)
    throw new CommandError(`${name} is no JSON object: the facts of one question are one`);
  return { name, facts };
}

async function inFile(path: string): Promise<Buffer> {
  const source = await readSource(path, MAX_INPUT_BYTES);
  if (source.kind === 'unreadable') throw new CommandError(`${path} ${source.message}`);
  return source.bytes;
}

async function onStdin(stop: AbortSignal): Promise<Buffer> {
  const bytes = await unlessAborted(beginning(process.stdin), stop);
  if (bytes === undefined) throw new CommandError('interrupted', EXIT.interrupted);
  return bytes;
}

/** Whoever writes without an end is heard until it is too much. */
async function beginning(stream: AsyncIterable<Buffer | string>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    length += chunk.length;
    if (length > MAX_INPUT_BYTES) break;
  }
  return Buffer.concat(chunks);
}
