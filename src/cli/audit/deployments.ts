/** From a change of the manifest to what became of it: the events of one generation, with duration and outcome. */
import { span, text, finite, type AuditEvent } from './audit-event.js';
import { Newest, type Listing } from './bounded.js';

export type Outcome =
  | 'serves'
  | 'canary serves'
  | 'promoted'
  | 'rolled back'
  | 'failed'
  | 'denied'
  /** The manifest changed, and no version did. */
  | 'no new version';

export interface Deployment {
  readonly generation?: number;
  /** When the manifest changed, or a controller came that found work; absent where neither is known. */
  readonly started?: string;
  ended?: string;
  tookMs?: number;
  /** `app 1.0.0`. */
  readonly services: string[];
  outcome: Outcome;
  /** Why it failed. */
  message?: string;
  denials: number;
}

const MOST_SERVICES = 50;

/** What goes on, and whose turn in it has ended. */
interface Open {
  readonly deployment: Deployment;
  readonly ended: Set<string>;
}

export class Deployments {
  readonly #deployments: Newest<Deployment>;
  #open: Open | undefined;
  /** The start of a controller that has ended no deployment yet. */
  #controllerStarted: string | undefined;
  #failed = 0;

  constructor(limit: number) {
    this.#deployments = new Newest(limit);
  }

  get failed(): number {
    return this.#failed;
  }

  add(event: AuditEvent): void {
    switch (event.event) {
      case 'controller_started':
        this.#controllerStarted = event.timestamp;
        break;
      case 'manifest_changed':
        this.#open = this.#begin(event, event.timestamp);
        break;
      case 'policy_denied':
        this.#deny(event);
        break;
      case 'deploy':
      case 'promote':
      case 'rollback':
      case 'replica_failed':
        this.#end(event);
        break;
    }
  }

  listing(): Listing<Deployment> {
    return this.#deployments.listing();
  }

  #begin(event: AuditEvent, started: string | undefined): Open {
    const generation = finite(event.generation);
    const deployment: Deployment = {
      ...(generation === undefined ? {} : { generation }),
      ...(started === undefined ? {} : { started }),
      services: [],
      outcome: 'no new version',
      denials: 0,
    };
    this.#deployments.push(deployment);
    return { deployment, ended: new Set() };
  }

  /** What is refused while it heals or goes back is no deployment's. */
  #deny(event: AuditEvent): void {
    if (!['deploy', 'replace', 'start_canary', 'promote'].includes(text(event.question) ?? '')) return;
    if (this.#open === undefined || event.proceeded === true) return;
    const { deployment, ended } = this.#open;
    if (ended.has(text(event.service) ?? '')) return;
    deployment.denials += 1;
    if (ended.size === 0) deployment.outcome = 'denied';
  }

  #end(event: AuditEvent): void {
    const service = text(event.service) ?? '';
    const { deployment, ended } = this.#openFor(event, service);
    ended.add(service);
    const name = [service, text(event.version)].filter((word) => word !== undefined && word !== '').join(' ');
    if (name !== '' && deployment.services.length < MOST_SERVICES) deployment.services.push(name);
    const outcome = outcomeOf(event);
    if (outcome === 'failed') this.#failed += 1;
    const message = outcome === 'failed' ? text(event.message) : undefined;
    if (message !== undefined) deployment.message = message;
    if (deployment.outcome !== 'failed') deployment.outcome = outcome;
    deployment.ended = event.timestamp;
    const tookMs = span(deployment.started, event.timestamp);
    if (tookMs !== undefined) deployment.tookMs = tookMs;
    this.#controllerStarted = undefined;
  }

  /** The open one, unless the event is of another generation or its service has ended in it: then a new one begins. */
  #openFor(event: AuditEvent, service: string): Open {
    const open = this.#open;
    const generation = finite(event.generation);
    const isSame = generation === undefined || generation === open?.deployment.generation;
    if (open !== undefined && isSame && !open.ended.has(service) && open.ended.size < MOST_SERVICES)
      return open;
    this.#open = this.#begin(event, this.#controllerStarted);
    return this.#open;
  }
}

function outcomeOf(event: AuditEvent): Outcome {
  if (event.event === 'replica_failed') return 'failed';
  if (event.event === 'rollback') return 'rolled back';
  if (event.event === 'deploy') return 'serves';
  return event.target_mode === 'canary' ? 'canary serves' : 'promoted';
}
