/** The report as data (schema/audit.schema.json): what the history says, whether it can be believed, and who wrote the manifests. Pure. */
import type { EventFacts } from './audit-facts.js';
import type { Listing } from './bounded.js';
import { commitOf, type Authors, type Commit } from './manifest-authors.js';
import type { ManifestChange } from './manifest-changes.js';
import type { ChainProblem, HistoryReading } from './read-audit.js';

export interface AuthoredChange extends ManifestChange {
  /** Absent where git does not know this manifest. */
  readonly commit?: Commit;
}

export interface AuditReport extends Omit<EventFacts, 'manifestChanges'> {
  readonly apiVersion: 'swiftdeploy/v1';
  readonly kind: 'AuditReport';
  readonly stack?: string;
  readonly history: {
    readonly ok: boolean;
    readonly files: readonly string[];
    readonly problems: Listing<ChainProblem>;
  };
  readonly manifestChanges: Listing<AuthoredChange>;
  /** Git knows the manifest. */
  readonly gitKnows: boolean;
}

export interface ReportSources {
  readonly reading: HistoryReading;
  readonly stack: string | undefined;
  readonly authors: Authors | undefined;
}

export function auditReport({ reading, stack, authors }: ReportSources): AuditReport {
  const { files, problems, facts } = reading;
  const { manifestChanges, ...others } = facts;
  return {
    apiVersion: 'swiftdeploy/v1',
    kind: 'AuditReport',
    ...(stack === undefined ? {} : { stack }),
    history: { ok: problems.items.length === 0, files, problems },
    ...others,
    manifestChanges: {
      omitted: manifestChanges.omitted,
      items: manifestChanges.items.map((change) => authored(change, authors)),
    },
    gitKnows: authors !== undefined,
  };
}

function authored(change: ManifestChange, authors: Authors | undefined): AuthoredChange {
  const { sha256, timestamp } = change;
  if (change.commit !== undefined) return change;
  const commit =
    authors === undefined || sha256 === undefined ? undefined : commitOf(authors, sha256, timestamp);
  return commit === undefined ? change : { ...change, commit };
}
