/** Reads a small JSON body and says what is wrong with one that is not. */
import type { IncomingMessage, ServerResponse } from 'node:http';

export type JsonBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly statusCode: 400 | 413; readonly error: string };

const LIMIT_BYTES = 16_384;

/** Reads and parses the body; a client that waits for `100 Continue` gets it now, and not before. */
export async function readJson(request: IncomingMessage, response: ServerResponse): Promise<JsonBody> {
  if (request.headers.expect !== undefined) response.writeContinue();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT_BYTES)
      return { ok: false, statusCode: 413, error: `body must be at most ${LIMIT_BYTES} bytes` };
    chunks.push(chunk);
  }
  return parse(Buffer.concat(chunks).toString('utf8'));
}

function parse(text: string): JsonBody {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, statusCode: 400, error: `body must be JSON: ${(error as Error).message}` };
  }
}
