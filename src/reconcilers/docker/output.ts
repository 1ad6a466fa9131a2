/** The Engine's multiplexed output (stdout and stderr in one stream, framed) made text again. */

const HEADER_BYTES = 8;

/** The payload of all frames in order; a stream without frames (a TTY) is returned as it is. */
export function plainOutput(raw: Buffer): string {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= raw.length) {
    if ((raw[at] ?? 255) > 2 || raw.readUIntBE(at + 1, 3) !== 0) return raw.toString('utf8');
    const size = raw.readUInt32BE(at + 4);
    parts.push(raw.subarray(at + HEADER_BYTES, at + HEADER_BYTES + size));
    at += HEADER_BYTES + size;
  }
  return Buffer.concat(parts).toString('utf8');
}

export async function collect(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
