/** All that the report says of the events, gathered in one pass: each collector takes what it knows. */
import type { AuditEvent } from './audit-event.js';
import type { Listing } from './bounded.js';
import { ChaosIntervals, type ChaosInterval } from './chaos.js';
import { Denials, type DenialGroup, type Violation } from './denials.js';
import { Deployments, type Deployment } from './deployments.js';
import { Drifts, type Drift } from './drifts.js';
import { ManifestChanges, type ManifestChange } from './manifest-changes.js';
import { Overrides, type OverrideNote } from './overrides.js';
import { ModeChanges, type ModeChange } from './mode-changes.js';
import type { Rollout } from './rollout-note.js';
import { Rollouts } from './rollouts.js';
import { Scrapes } from './scrapes.js';
import { Summary, type Period } from './summary.js';
import { Timeline, type Entry } from './timeline.js';

export interface Counts {
  readonly events: number;
  readonly byName: Readonly<Record<string, number>>;
  readonly deployments: number;
  readonly promotions: number;
  readonly rollbacks: number;
  readonly failures: number;
  readonly denials: number;
  readonly overrides: number;
  readonly driftsDetected: number;
  readonly driftsHealed: number;
  readonly controllerStarts: number;
  /** Controllers that never said that they stopped. */
  readonly controllerCrashes: number;
}

export interface EventFacts {
  readonly period?: Period;
  readonly summary: Counts;
  readonly modeChanges: Listing<ModeChange>;
  readonly policyViolations: Listing<Violation>;
  readonly timeline: Listing<Entry>;
  readonly highlights: Listing<Entry>;
  readonly deployments: Listing<Deployment>;
  readonly denials: readonly DenialGroup[];
  readonly overrides: Listing<OverrideNote>;
  readonly rollouts: Listing<Rollout>;
  readonly drifts: Listing<Drift>;
  readonly chaos: Listing<ChaosInterval>;
  readonly manifestChanges: Listing<ManifestChange>;
}

/** Rows of each table: the newest. GitHub shows no page that is much larger. */
const ROWS = 500;
const HIGHLIGHTS = 40;
/** Each is a section. */
const ROLLOUTS = 50;

export class AuditFacts {
  readonly #summary = new Summary();
  readonly #modes = new ModeChanges(ROWS);
  readonly #denials = new Denials(ROWS);
  readonly #overrides = new Overrides(ROWS);
  readonly #timeline = new Timeline(ROWS, HIGHLIGHTS);
  readonly #deployments = new Deployments(ROWS);
  readonly #drifts = new Drifts(ROWS);
  readonly #manifests = new ManifestChanges(ROWS);
  readonly #chaos = new ChaosIntervals(ROWS, (interval) => this.#timeline.addChaos(interval));
  readonly #rollouts = new Rollouts(ROLLOUTS, (look) => this.#timeline.addVerdict(look));
  readonly #scrapes = new Scrapes((range) => {
    this.#timeline.addRange(range);
    this.#denials.addRange(range);
  });
  readonly #collectors = [
    this.#summary,
    this.#modes,
    this.#denials,
    this.#overrides,
    this.#deployments,
    this.#rollouts,
    this.#drifts,
    this.#manifests,
    this.#timeline,
    this.#chaos,
    this.#scrapes,
  ];

  add(event: AuditEvent): void {
    for (const collector of this.#collectors) collector.add(event);
  }

  facts(): EventFacts {
    const { period } = this.#summary;
    return {
      ...(period === undefined ? {} : { period }),
      summary: this.#counts(),
      modeChanges: this.#modes.listing(),
      policyViolations: this.#denials.violations(),
      timeline: this.#timeline.listing(),
      highlights: this.#timeline.highlights(),
      deployments: this.#deployments.listing(),
      denials: this.#denials.groups(),
      overrides: this.#overrides.listing(),
      rollouts: this.#rollouts.listing(),
      drifts: this.#drifts.listing(),
      chaos: this.#chaos.listing(),
      manifestChanges: this.#manifests.listing(),
    };
  }

  #counts(): Counts {
    const { events, crashes, promotions } = this.#summary;
    return {
      events,
      byName: this.#summary.byName(),
      deployments: this.#summary.count('deploy'),
      promotions,
      rollbacks: this.#summary.count('rollback'),
      failures: this.#deployments.failed,
      denials: this.#denials.count,
      overrides: this.#overrides.count,
      driftsDetected: this.#drifts.detected,
      driftsHealed: this.#drifts.healed,
      controllerStarts: this.#summary.count('controller_started'),
      controllerCrashes: crashes,
    };
  }
}
