/** The live view for a terminal whose locale is not UTF-8: one ASCII character for each of ours. Pure. */

const ASCII: Readonly<Record<string, string>> = {
  '▁': '_',
  '▂': '.',
  '▃': ':',
  '▄': '-',
  '▅': '=',
  '▆': '+',
  '▇': '*',
  '█': '#',
  '░': '.',
  '✔': '+',
  '✘': 'x',
  '…': '~',
  '·': '|',
  '›': '>',
  '★': '*',
  '↩': '<',
  '⊘': 'x',
  '✎': '~',
  '△': '!',
  '✚': '+',
  '▷': '>',
  '▸': '>',
  '–': '-',
  '□': '.',
  '→': '>',
  '↑': '^',
  '↓': 'v',
};

/** As wide as `text`; `?` for what has no likeness. */
export function asciiOnly(text: string): string {
  return text.replace(/[^\x00-\x7f]/gu, (character) => ASCII[character] ?? '?');
}

/** POSIX: the first of these that is set and not empty decides. */
export function isUtf8(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  return /utf-?8/i.test(locale ?? '');
}
