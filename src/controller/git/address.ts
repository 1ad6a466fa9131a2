/** Where a repository is: which addresses are taken, by which protocol they are reached, and why others are refused. */
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Address = { readonly url: string } | { readonly problem: string };

const SCHEMES = ['https', 'http', 'ssh', 'git'];
/** `git@host:path`: no slash before the colon. */
const SCP_LIKE = /^(?:[\w.-]+@)?[\w.-]+:(?!\/\/).+/;

/** The address in the form that git gets; `file://` and relative paths become absolute ones, counted from `base`. */
export function readAddress(text: string, base: string): Address {
  if (text.trim() === '') return { problem: 'has no URL' };
  if (text.startsWith('-')) return { problem: 'has a URL that starts with "-"' };
  if (/[\u0000-\u001f\u007f]/.test(text)) return { problem: 'has a control character in its URL' };
  if (/^[\w-]+::/.test(text))
    return { problem: 'names a remote helper (`::`): these run commands and are not taken' };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'file') return readFileUrl(text);
  if (scheme !== undefined) return readUrl(text, scheme);
  return SCP_LIKE.test(text) ? { url: text } : { url: resolve(base, text) };
}

/** True for a repository on this machine's disk. */
export function isLocal(url: string): boolean {
  return isAbsolute(url);
}

/** What git may speak while it follows this address, also after a redirect: never less safe than what was asked for. */
export function allowedProtocols(url: string): string {
  if (isLocal(url)) return 'file';
  const scheme = /^([a-z]+):\/\//i.exec(url)?.[1]?.toLowerCase() ?? 'ssh';
  return scheme === 'http' ? 'http:https' : scheme;
}

function readFileUrl(text: string): Address {
  try {
    return { url: resolve(fileURLToPath(text)) };
  } catch {
    return { problem: 'has a file:// URL without an absolute path of this host' };
  }
}

function readUrl(text: string, scheme: string): Address {
  if (!SCHEMES.includes(scheme)) {
    return { problem: `has a URL with "${scheme}://": only https, http, ssh, git, file and paths are taken` };
  }
  if (!URL.canParse(text)) return { problem: 'has a URL that cannot be read' };
  const { hostname, username, password } = new URL(text);
  if (hostname === '') return { problem: 'has a URL without a host' };
  if (password !== '' || (username !== '' && scheme.startsWith('http'))) {
    return {
      problem:
        'has a user or password in its URL, where every list of processes would show it: put the token into a file and name it as credentials.token_file in source.yaml',
    };
  }
  return { url: text };
}
