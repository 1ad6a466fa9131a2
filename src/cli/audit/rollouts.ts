/** Canaries as the history tells them: from their first share, or their failure before it, to how they ended. */
import { text, type AuditEvent } from './audit-event.js';
import { Newest, Notes, type Listing } from './bounded.js';
import { RolloutNote, type Rollout } from './rollout-note.js';

/** Services whose canary is remembered at a time. */
const SERVICES = 100;

export class Rollouts {
  readonly #all: Newest<RolloutNote>;
  /** The newest of each service, ended or not. */
  readonly #latest = new Notes<RolloutNote>(SERVICES);
  /** What each service's last look said. */
  readonly #verdicts = new Notes<string>(SERVICES);

  /** `onVerdict`: a look that says another thing than the one before. */
  constructor(
    limit: number,
    private readonly onVerdict: (event: AuditEvent) => void = () => undefined,
  ) {
    this.#all = new Newest(limit);
  }

  add(event: AuditEvent): void {
    const service = text(event.service) ?? '';
    switch (event.event) {
      case 'deploy':
      case 'promote':
        this.#serves(event, service);
        break;
      case 'canary_step':
        this.#noteFor(event, service).step(event);
        break;
      case 'canary_share':
        this.#open(service)?.step(event);
        break;
      case 'canary_look':
        this.#look(event, service);
        break;
      case 'rollback':
        this.#back(event, service);
        break;
      case 'replica_failed':
        if (event.track === 'canary') this.#failed(event, service);
        break;
      case 'manifest_changed':
        this.#removed(event);
        break;
      case 'step':
      case 'source_pruned':
        this.#tornDown(event);
        break;
    }
  }

  /** Oldest first. */
  listing(): Listing<Rollout> {
    const { omitted, items } = this.#all.listing();
    return { omitted, items: items.map((note) => note.rollout()) };
  }

  #serves(event: AuditEvent, service: string): void {
    if ((event.target_mode ?? event.mode) === 'canary') {
      this.#noteFor(event, service);
      return;
    }
    const open = this.#open(service);
    if (open === undefined) return;
    const isPromoted = event.event === 'promote' || text(event.version) === open.version;
    open.end(isPromoted ? 'promoted' : 'superseded', event, undefined);
  }

  #look(event: AuditEvent, service: string): void {
    const latest = this.#latest.get(service);
    // The look that condemned it is told after its failure, and before the way back.
    if (latest?.outcome === 'goes on' || latest?.outcome === 'failed') latest.look(event);
    const verdict = text(event.verdict) ?? '';
    if (this.#verdicts.get(service) !== verdict) this.onVerdict(event);
    this.#verdicts.set(service, verdict);
  }

  /** A verdict ends a canary as a failed version too, and says so first or last. */
  #back(event: AuditEvent, service: string): void {
    const note = this.#latest.get(service);
    const cause = text(event.cause);
    const isIts = note !== undefined && (event.from === undefined || text(event.from) === note.version);
    if (!isIts || !['goes on', 'failed'].includes(note.outcome)) return;
    note.end(cause === undefined ? 'aborted' : 'rolled back', event, cause);
  }

  #failed(event: AuditEvent, service: string): void {
    const latest = this.#latest.get(service);
    const version = text(event.version);
    if (latest?.outcome === 'rolled back' && latest.version === version) return;
    this.#noteFor(event, service).end('failed', event, text(event.message));
  }

  /** A canary ends with its service, and no other event tells of that. */
  #removed(event: AuditEvent): void {
    for (const service of Array.isArray(event.removed) ? event.removed : [])
      this.#open(text(service) ?? '')?.end('removed', event, 'the service was removed');
  }

  /** Every one ends with its stack. */
  #tornDown(event: AuditEvent): void {
    for (const note of this.#latest.values())
      if (note.outcome === 'goes on') note.end('removed', event, 'the stack was removed');
  }

  /** The one that goes on, if the event is of the same version; else a new one begins. */
  #noteFor(event: AuditEvent, service: string): RolloutNote {
    const version = text(event.version);
    const hash = text(event.spec_hash);
    const open = this.#open(service);
    const isOther = hash !== undefined && open?.specHash !== undefined && hash !== open.specHash;
    if (open !== undefined && !isOther && open.version === version) return open;
    open?.end('superseded', event, undefined);
    const note = new RolloutNote(service, version, event);
    this.#all.push(note);
    this.#latest.set(service, note);
    this.#verdicts.delete(service);
    return note;
  }

  #open(service: string): RolloutNote | undefined {
    const latest = this.#latest.get(service);
    return latest?.outcome === 'goes on' ? latest : undefined;
  }
}
