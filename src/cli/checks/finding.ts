/** What one look found: how it stands, in words, and what to do about it. Checks are made of these. */

export type Result = 'ok' | 'warn' | 'fail' | 'skipped';

export interface Finding {
  readonly result: Result;
  readonly found: string;
  readonly cure?: string;
  /** The single things that were looked at, where there are several. */
  readonly items?: readonly Finding[];
}

/** Looks, and changes nothing; gives up when `signal` fires. A throw is a failed check. */
export interface Check {
  readonly name: string;
  readonly look: (signal: AbortSignal) => Finding | Promise<Finding>;
}

export interface CheckResult extends Finding {
  readonly name: string;
}

export function ok(found: string): Finding {
  return { result: 'ok', found };
}

export function warn(found: string, cure?: string): Finding {
  return { result: 'warn', found, ...(cure === undefined ? {} : { cure }) };
}

export function fail(found: string, cure?: string): Finding {
  return { result: 'fail', found, ...(cure === undefined ? {} : { cure }) };
}

/** `why`: what has to be there first. */
export function skipped(why: string): Finding {
  return { result: 'skipped', found: `not checked: ${why}` };
}

export const NO_ENGINE = skipped('no engine');

const BADNESS: readonly Result[] = ['skipped', 'ok', 'warn', 'fail'];

/** The worst of several; `skipped` when there is none. */
export function worst(findings: readonly Finding[]): Result {
  const ranks = findings.map(({ result }) => BADNESS.indexOf(result));
  return BADNESS[Math.max(0, ...ranks)] ?? 'skipped';
}

/** One finding of many: as bad as the worst of them. */
export function joined(found: string, items: readonly Finding[]): Finding {
  return { result: worst(items), found, items };
}
