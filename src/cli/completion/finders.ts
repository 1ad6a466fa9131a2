/** What the shell looks up in the current folder at TAB: without Node, without an engine, and silent where there is nothing. Pure. */
import type { Finders } from './completion-model.js';

/** A shell may expand what it is offered, and a manifest may be anybody's: nothing but names comes through. */
const NAMES_ALONE = "grep -xE '[A-Za-z0-9_.-]+'";

/** The keys right below `services:`, or `name` where these are the fields of the only service. */
const SERVICE_NAMES = `
/^[^ #]/ { inside = /^services:/ }
inside && /^ +[A-Za-z0-9_.-]+:/ {
  indent = match($0, /[^ ]/)
  if (!first) first = indent
  if (indent != first) next
  key = $1
  sub(/:.*/, "", key)
  if (key == "image") single = 1
  if (key == "name") { name = $2; gsub(/[\\r"]/, "", name) }
  keys = keys key ORS
}
END { printf "%s", single ? name ORS : keys }`;

export const SERVICES = '_swiftdeploy_services';
export const DOMAINS = '_swiftdeploy_domains';

/** For every shell that there is a script for: a fish reads these words as a POSIX shell does. */
export const FINDERS: Finders = {
  [SERVICES]: `awk '${SERVICE_NAMES.trim()}' manifest.yaml 2>/dev/null | ${NAMES_ALONE}`,
  [DOMAINS]: `find policies/ -mindepth 1 -maxdepth 1 -type d 2>/dev/null | sed 's|.*/||' | ${NAMES_ALONE}`,
};

/** In bash and zsh. */
export function finderFunctions(finders: Finders): string {
  const functions = Object.entries(finders).map(([name, command]) => `${name}() {\n  ${command}\n}\n\n`);
  return functions.join('');
}
