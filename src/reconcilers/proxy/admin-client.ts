/** Asks the proxy's own listener: what it serves, and how a replica answers through it. */
import { Agent } from 'node:http';
import { httpGet, type GetResult } from '../../probes/health/http-get.js';
import { ADMIN_TOKEN_HEADER, REPLICA_STATUS_HEADER, UPSTREAM_ADDRESS_HEADER } from './render-admin.js';

/** Where the admin listener is published: on the engine's loopback. */
export interface AdminAddress {
  readonly port: number;
  readonly token: string;
}

const HOST = '127.0.0.1';
/** For what is asked all the time. What is asked of the proxy itself comes on a fresh connection: whoever takes those is the one that counts. */
const KEPT = new Agent({ keepAlive: true });
const FORBIDDEN = 403;
const CONFIG_TIMEOUT_MS = 1000;
const UPSTREAM_TIMEOUT_MS = 500;

/** The revision that the worker which answered was started with; absent when nobody answered. */
export async function servedRevision(admin: AdminAddress): Promise<string | undefined> {
  const answer = await adminGet(admin, '/config', CONFIG_TIMEOUT_MS);
  return answer.answered && answer.status === 200 ? answer.body : undefined;
}

/** A request to one replica, by its DNS name on the stack's network; undefined when the proxy did not answer, or did not pass it on. */
export async function askReplica(
  admin: AdminAddress,
  replica: ReplicaQuestion,
): Promise<GetResult | undefined> {
  const { address, port, path, timeoutMs } = replica;
  const answer = await adminGet(admin, `/replica/${address}/${String(port)}${path}`, timeoutMs, KEPT);
  if (!answer.answered) return answer.code === 'TIMEOUT' ? answer : undefined;
  return isRefusal(answer) ? undefined : answer;
}

/** The proxy has another token, as after lost notes until it is configured anew: no replica was asked. */
function isRefusal({ status, headers }: Extract<GetResult, { answered: true }>): boolean {
  return status === FORBIDDEN && headers[REPLICA_STATUS_HEADER] === undefined;
}

/** `IP:PORT` of the server that an upstream chose for this request; absent when it had none, or it did not answer in time. */
export async function chosenServer(
  admin: AdminAddress,
  upstream: string,
  path: string,
): Promise<string | undefined> {
  const answer = await adminGet(admin, `/upstream/${upstream}${path}`, UPSTREAM_TIMEOUT_MS);
  const address = answer.answered ? answer.headers[UPSTREAM_ADDRESS_HEADER] : undefined;
  return address === upstream || Array.isArray(address) ? undefined : address;
}

export interface ReplicaQuestion {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly timeoutMs: number;
}

function adminGet(admin: AdminAddress, path: string, timeoutMs: number, agent?: Agent): Promise<GetResult> {
  return httpGet({
    ...(agent === undefined ? {} : { agent }),
    host: HOST,
    port: admin.port,
    path,
    headers: { [ADMIN_TOKEN_HEADER]: admin.token },
    timeoutMs,
  });
}
