import { once } from 'node:events';
import { platform } from 'node:os';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { listeningInodes, portOwner } from '../../../src/probes/host/port-owner.js';
import { hostPortState } from '../../../src/probes/host/port-state.js';

async function listening(host: string) {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

test('a port that somebody listens on is taken, on that address and on all of them, and free afterwards', async () => {
  const { port, close } = await listening('127.0.0.1');
  expect(await hostPortState(port, '127.0.0.1')).toBe('taken');
  expect(await hostPortState(port, '0.0.0.0')).toBe('taken');
  close();
  expect(await hostPortState(port, '127.0.0.1')).toBe('free');
});

test('an address that is not of this machine is unknown', async () => {
  expect(await hostPortState(8080, '192.0.2.1')).toBe('unknown');
});

test.runIf(platform() === 'linux')('who listens is found by its sockets', async () => {
  const { port, close } = await listening('127.0.0.1');
  expect(await portOwner(port)).toMatchObject({ pid: process.pid });
  close();
  expect(await portOwner(port)).toBeUndefined();
});

test('of /proc/net/tcp only who listens on the port counts', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000 100
   1: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000 100
   2: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 4713 1 0000 100
`;
  expect(listeningInodes(table, 8080)).toEqual(['4711']);
});
