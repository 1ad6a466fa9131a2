/** How a value found in a manifest is shown in a message. Environment values are never shown (law 9), nor commands. */
import type { ManifestNode } from './manifest-tree.js';

const LONGEST = 60;

/** `(got 70000)`, or nothing where the value may be a secret. */
export function gotValue(node: ManifestNode): string {
  return isSecret(node.path) ? '' : ` (got ${describe(node)})`;
}

/** Whether the value at this path belongs to a container's environment or command line. */
export function isSecret(path: string): boolean {
  return /^services(\.("(?:[^"\\]|\\.)*"|[^."]+))?\.(env|command)(\.|\[|$)/.test(path);
}

function describe(node: ManifestNode): string {
  if (node.kind === 'map') return 'a mapping';
  if (node.kind === 'list') return 'a list';
  if (node.value === null) return 'nothing';
  return typeof node.value === 'string' ? JSON.stringify(shorten(node.value)) : shorten(node.text);
}

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
