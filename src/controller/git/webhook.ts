/**
 * Takes deliveries of a forge at `POST /hooks/git` (GitHub, Gitea, Forgejo, GitLab). All that one can do is to have the
 * repository looked at: what it says is not read, and the answers tell a stranger nothing.
 */

import type { IncomingMessage } from 'node:http';
import { readBodyMac } from './webhook-body.js';
import { ReplayWindow } from './webhook-replays.js';
import { claimOf, proves, type Claim } from './webhook-signature.js';

export interface WebhookOptions {
  /** Asked at each delivery, so that a rotated secret just works; white space around it does not count. */
  readonly secret: () => Promise<string>;
  /** Only enqueues. */
  readonly onHook: () => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

export interface HookAnswer {
  readonly status: number;
  readonly body: string;
}

const ANSWERS = {
  taken: { status: 202, body: 'taken\n' },
  takenBefore: { status: 200, body: 'already taken\n' },
  broken: { status: 400, body: 'bad request\n' },
  unproven: { status: 401, body: 'unauthorized\n' },
  otherMethod: { status: 405, body: 'method not allowed\n' },
  tooLarge: { status: 413, body: 'too large\n' },
  noSecret: { status: 503, body: 'not available\n' },
} satisfies Record<string, HookAnswer>;

export class Webhook {
  readonly #options: WebhookOptions;
  readonly #replays: ReplayWindow;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#replays = new ReplayWindow(options.now ?? (() => performance.now()));
  }

  /** Never rejects. */
  async handle(request: IncomingMessage): Promise<HookAnswer> {
    if (request.method !== 'POST') return ANSWERS.otherMethod;
    const secret = await this.#secret();
    if (secret === '') return ANSWERS.noSecret;
    const claim = claimOf(request.headers);
    if (claim === undefined) return ANSWERS.unproven;
    const body = await readBodyMac(request, secret);
    if (body.kind === 'too large') return ANSWERS.tooLarge;
    if (body.kind === 'broken') return ANSWERS.broken;
    if (!proves(claim, secret, body.mac)) return ANSWERS.unproven;
    if (!this.#replays.take(deliveryOf(request, claim, body.mac))) return ANSWERS.takenBefore;
    this.#options.onHook();
    return ANSWERS.taken;
  }

  /** Empty when there is none. */
  async #secret(): Promise<string> {
    try {
      return (await this.#options.secret()).trim();
    } catch {
      return '';
    }
  }
}

/** A signed body is its own name: ids are in headers, which no signature covers. With a token, the event's id tells equal bodies apart. */
function deliveryOf({ headers }: IncomingMessage, { kind }: Claim, bodyMac: Buffer): string {
  const id = kind === 'token' ? String(headers['x-gitlab-event-uuid'] ?? '').slice(0, 100) : '';
  return `${bodyMac.toString('hex')} ${id}`;
}
