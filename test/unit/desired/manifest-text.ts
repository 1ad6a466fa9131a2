/** Manifests as text for tests, and what loading them says, as the lines that a person reads. */
import { loadManifest, type ManifestResult } from '../../../src/reconcilers/desired/load-manifest.js';
import { formatProblem } from '../../../src/reconcilers/desired/manifest-problem.js';
import type { ServiceSpec, StackSpec } from '../../../src/reconcilers/desired/stack-spec.js';

/** The rest of a manifest whose `services` is what a test is about. */
export const REST = 'nginx: { image: nginx, port: 8080 }\nnetwork: { name: net }\n';

export function load(text: string | Uint8Array): ManifestResult {
  return loadManifest(typeof text === 'string' ? new TextEncoder().encode(text) : text, 'manifest.yaml');
}

/** The stack of a manifest that must be good. */
export function stackOf(text: string | Uint8Array): StackSpec {
  const result = load(text);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.stack;
}

/** The only service of `services: <lines>`. */
export function serviceOf(lines: string): ServiceSpec {
  const [service, ...others] = stackOf(oneService(lines)).services;
  if (service === undefined || others.length > 0) throw new Error('not one service');
  return service;
}

/** Errors, or with `warning: ` before each, warnings; one line each. */
export function say(text: string | Uint8Array): string {
  const result = load(text);
  const problems = result.ok ? result.warnings : result.problems;
  return problems.map((problem) => `${problem.severity}: ${formatProblem(problem)}`).join('\n');
}

/** A manifest with one service that has an image, a port and these lines. */
export function oneService(lines: string): string {
  return `services:\n  image: app\n  port: 3000\n${indent(lines, '  ')}\n${REST}`;
}

export function indent(lines: string, by: string): string {
  return lines.replace(/^(?=.)/gm, by);
}
