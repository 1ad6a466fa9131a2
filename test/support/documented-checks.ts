/** The names of checks that docs/checks.md lists, per command, in its order. */
import { readFileSync } from 'node:fs';

export function documentedChecks(command: 'validate' | 'doctor'): string[] {
  const text = readFileSync(new URL('../../docs/checks.md', import.meta.url), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${command}\n`)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
}
