/** The sections that the published report did not have: deployments, denials by rule, drift, chaos, manifests. Pure. */
import type { AuditReport } from './audit-report.js';
import type { Deployment } from './deployments.js';
import type { DenialGroup } from './denials.js';
import type { Section } from './section.js';
import { counted, durationWords, timeWords } from './words.js';
import { span } from './audit-event.js';

const NONE = '–';

export function deploymentSection({ deployments }: AuditReport): Section {
  const rows = deployments.items.map((deployment) => [
    deployment.started === undefined ? timeOr(deployment.ended) : timeWords(deployment.started),
    numberOr(deployment.generation),
    deployment.services.join(', ') || NONE,
    outcomeWords(deployment),
    durationWords(deployment.tookMs),
  ]);
  return {
    title: 'Deployments',
    head: ['Started', 'Generation', 'What', 'Outcome', 'Duration'],
    rows,
    omitted: deployments.omitted,
    none: 'Nothing was deployed.',
  };
}

const MARKS = {
  serves: '✔',
  'canary serves': '✔',
  promoted: '✔',
  'rolled back': '↩',
  failed: '✘',
  denied: '⊘',
  'no new version': '',
} as const;

function outcomeWords({ outcome, denials, message }: Deployment): string {
  const why = message === undefined ? '' : `: ${message}`;
  const refused = denials === 0 || outcome === 'denied' ? '' : `, after ${counted(denials, 'denial')}`;
  return `${MARKS[outcome]} ${outcome}${refused}${why}`.trim();
}

export function denialSection({ denials }: AuditReport): Section {
  return {
    title: 'Denials',
    head: ['Rule', 'Domain', 'Asked for', 'Count', 'First', 'Last', 'Worst', 'Limit', 'Last reason'],
    rows: [...denials].sort((one, other) => other.count - one.count).map(denialRow),
    none: 'Nothing was denied.',
  };
}

function denialRow(group: DenialGroup): string[] {
  const ahead = group.proceeded === 0 ? '' : ` (${String(group.proceeded)} went ahead: nobody answered)`;
  return [
    group.rule,
    group.domain,
    group.questions.join(', ') || NONE,
    `${String(group.count)}${ahead}`,
    timeWords(group.first),
    timeWords(group.last),
    String(group.worst ?? NONE),
    String(group.limit ?? NONE),
    group.message,
  ];
}

export function overrideSection({ overrides }: AuditReport): Section {
  const rows = overrides.items.map(({ timestamp, who, why, what, generation, denied }) => [
    timeWords(timestamp),
    who,
    why,
    what,
    numberOr(generation),
    denied.join('; ') || NONE,
  ]);
  return {
    title: 'Overrides',
    head: ['Timestamp', 'Who', 'Why', 'What', 'Generation', 'Overruled'],
    rows,
    omitted: overrides.omitted,
    none: 'No denial was overridden.',
  };
}

export function driftSection({ drifts }: AuditReport): Section {
  const rows = drifts.items.map(({ detected, target, kind, cause, healed, healedBy, tookMs }) => [
    timeOr(detected),
    target,
    `${kind}: ${cause}`,
    healed === undefined ? 'not healed yet' : (healedBy ?? 'healed'),
    durationWords(tookMs),
  ]);
  return {
    title: 'Drift',
    head: ['Detected', 'What', 'Drift', 'Healed by', 'Took'],
    rows,
    omitted: drifts.omitted,
    none: 'Nothing drifted.',
  };
}

export function chaosSection({ chaos }: AuditReport): Section {
  const rows = chaos.items.map(({ from, to, kind, service }) => [
    timeWords(from),
    to === undefined ? 'goes on' : timeWords(to),
    service ?? NONE,
    kind,
    durationWords(to === undefined ? undefined : span(from, to)),
  ]);
  return {
    title: 'Chaos',
    head: ['From', 'Until', 'Service', 'Kind', 'Duration'],
    rows,
    omitted: chaos.omitted,
    none: 'No chaos was seen.',
  };
}

export function manifestSection({ manifestChanges, gitKnows }: AuditReport): Section {
  const rows = manifestChanges.items.map(({ timestamp, generation, sha256, commit }) => [
    timeWords(timestamp),
    numberOr(generation),
    sha256?.slice(0, DIGEST_DIGITS) ?? NONE,
    commit?.author ?? (gitKnows ? 'not committed' : NONE),
    commit?.commit.slice(0, COMMIT_DIGITS) ?? NONE,
    commit?.subject ?? NONE,
  ]);
  const isKnown = gitKnows || manifestChanges.items.every(({ commit }) => commit !== undefined);
  return {
    title: 'Manifest Changes',
    ...(isKnown ? {} : { before: 'Who changed it: git does not know this manifest.' }),
    head: ['Timestamp', 'Generation', 'SHA-256', 'Changed by', 'Commit', 'Subject'],
    rows,
    omitted: manifestChanges.omitted,
    none: 'The manifest never changed.',
  };
}

const DIGEST_DIGITS = 12;
const COMMIT_DIGITS = 10;

function timeOr(timestamp: string | undefined): string {
  return timestamp === undefined ? NONE : timeWords(timestamp);
}

function numberOr(value: number | undefined): string {
  return value === undefined ? NONE : String(value);
}
