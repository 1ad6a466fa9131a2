/**
 * Break-glass in words: what a person asks for, what it applies to, what was overridden. Pure.
 * Only a "no" of working policies can be overridden, for one generation of one manifest; silence never can.
 */
import { stripVTControlCharacters } from 'node:util';
import type { Answer } from './answer.js';

/** What `--override` leaves in the state directory for whoever controls the stack. */
export interface OverrideRequest {
  /** The manifest that it is for, hexadecimal. */
  readonly manifestSha256: string;
  readonly generation: number;
  /** `user@host`. */
  readonly who: string;
  readonly why: string;
  /** ISO 8601. */
  readonly at: string;
}

/** One denial that a person wants to overrule. */
export interface OverriddenDenial {
  readonly question: string;
  readonly domain: string;
  readonly code: string;
  readonly message: string;
}

/** `input.override` of the question `override`. */
export interface OverrideFact {
  readonly who: string;
  readonly why: string;
  readonly denied: readonly OverriddenDenial[];
}

/** What was overridden, as it is remembered and shown as long as the generation lasts. */
export interface Overridden extends OverrideFact {
  readonly generation: number;
  readonly question: string;
  /** The service, or the part of the stack, of the first step. */
  readonly target: string;
}

/** The manifest that is reconciled now. */
export interface ManifestNow {
  readonly sha256?: string;
  readonly generation: number;
}

/** Denied, and by working policies alone: a failure to answer is nobody's decision, so nobody can overrule it. */
export function isOverridable(answers: readonly Answer[]): boolean {
  const denials = answers.filter(({ allow }) => !allow);
  return denials.length > 0 && denials.every(({ code }) => code === undefined);
}

export function deniedBy(answers: readonly Answer[]): readonly OverriddenDenial[] {
  return answers
    .filter(({ allow }) => !allow)
    .flatMap(({ question, domain, reasons }) =>
      reasons.map(({ code, message }) => ({ question, domain, code, message })),
    );
}

/** The next change of the manifest ends it, also one that brings back the same bytes. */
export function isFor(request: OverrideRequest, manifest: ManifestNow): boolean {
  return request.manifestSha256 === manifest.sha256 && request.generation === manifest.generation;
}

const LONGEST = 500;

/** On one line, without control and formatting characters, of bounded length: it is shown in terminals and reports. */
export function shownText(text: string): string {
  const clean = stripVTControlCharacters(text)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/ +/g, ' ');
  return [...clean.trim()].slice(0, LONGEST).join('');
}

/** What is told and recorded once: other rules are another override, other values of the same rules are not. */
export function overrideKey({ generation, question, denied }: Overridden): string {
  const rules = denied.map(({ domain, code }) => `${domain}:${code}`).sort();
  return [String(generation), question, ...rules].join(' ');
}

/** `deploy, by ana@host: "the disk is replaced tonight" (infrastructure: disk_free_gb is 4.2, …)`. */
export function overriddenWords({ question, who, why, denied }: Overridden): string {
  const rules = denied.map(({ domain, message }) => `${domain}: ${message}`).join(', ');
  return `${question}, by ${who}: "${why}" (${rules})`;
}
