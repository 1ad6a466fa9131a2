/** Text with ANSI colours as an SVG picture of a terminal. Pure: the same bytes for the same text, whatever fonts there are. */

/** A run of characters that look the same. */
interface Run {
  readonly text: string;
  readonly column: number;
  readonly style: Style;
}

interface Style {
  readonly colour: string | undefined;
  readonly isBold: boolean;
  readonly isDim: boolean;
}

export interface Picture {
  readonly columns: number;
  /** On the window's bar, and for who cannot see it. */
  readonly title: string;
}

const PLAIN: Style = { colour: undefined, isBold: false, isDim: false };
const COLOURS: Readonly<Record<string, string>> = {
  31: '#ff7b72',
  32: '#3fb950',
  33: '#d29922',
  34: '#58a6ff',
  35: '#bc8cff',
  36: '#39c5cf',
};
const TEXT = '#e6edf3';
const BACKGROUND = '#0d1117';
const BAR = '#161b22';
const CELL = { width: 8, height: 18 };
const MARGIN = 14;
const BAR_HEIGHT = 30;
/** From a row's top to where its letters stand. */
const BASELINE = 13;
const BLOCKS = '▁▂▃▄▅▆▇█';
const SHADE = '░';

export function ansiToSvg(text: string, { columns, title }: Picture): string {
  const lines = text.split('\n');
  const width = columns * CELL.width + 2 * MARGIN;
  const height = lines.length * CELL.height + BAR_HEIGHT + 2 * MARGIN;
  const size = `width="${String(width)}" height="${String(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-label="${escaped(title)}">`,
    `<rect ${size} rx="8" fill="${BACKGROUND}"/>`,
    `<path d="M0 ${String(BAR_HEIGHT)}V8a8 8 0 0 1 8-8h${String(width - 16)}a8 8 0 0 1 8 8v${String(BAR_HEIGHT - 8)}z" fill="${BAR}"/>`,
    ...['#ff5f56', '#ffbd2e', '#27c93f'].map(
      (fill, index) => `<circle cx="${String(18 + 18 * index)}" cy="15" r="5.5" fill="${fill}"/>`,
    ),
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" fill="${TEXT}" xml:space="preserve" shape-rendering="crispEdges">`,
    `<text x="${String(width / 2)}" y="19.5" text-anchor="middle" opacity="0.7">${escaped(title)}</text>`,
    ...lines.flatMap((line, row) => runsOf(line).flatMap((run) => drawn(run, row))),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** A line's runs; escape sequences other than colours draw nothing. */
function runsOf(line: string): readonly Run[] {
  const runs: Run[] = [];
  let style = PLAIN;
  let column = 0;
  for (const part of line.split(/(\u001B\[[\d;]*[A-Za-z])/)) {
    if (part.startsWith('\u001B')) {
      style = part.endsWith('m') ? styled(style, part.slice(2, -1)) : style;
      continue;
    }
    if (part !== '') runs.push({ text: part, column, style });
    column += [...part].length;
  }
  return runs;
}

function styled(before: Style, codes: string): Style {
  return codes.split(';').reduce((style: Style, code) => {
    if (code === '' || code === '0') return PLAIN;
    if (code === '1') return { ...style, isBold: true };
    if (code === '2') return { ...style, isDim: true };
    if (code === '22') return { ...style, isBold: false, isDim: false };
    if (code === '39') return { ...style, colour: undefined };
    return { ...style, colour: COLOURS[code] ?? style.colour };
  }, before);
}

/** Bars are drawn, for no font joins them; words are stretched to their cells. */
function drawn(run: Run, row: number): string[] {
  let { column } = run;
  return run.text.split(/( {2,}|[▁▂▃▄▅▆▇█]+|░+)/).flatMap((text) => {
    const at = column;
    column += [...text].length;
    if (text.trim() === '') return [];
    return isBars(text)
      ? barsOf(text, { ...run, column: at }, row)
      : [wordsOf(text, { ...run, column: at }, row)];
  });
}

function isBars(text: string): boolean {
  return [...text].every((character) => BLOCKS.includes(character) || character === SHADE);
}

/** Equal neighbours are one. */
function barsOf(text: string, { column, style }: Run, row: number): string[] {
  let at = column;
  return (text.match(/(.)\1*/gu) ?? []).map((same) => {
    const x = MARGIN + at * CELL.width;
    at += same.length;
    const level = same.startsWith(SHADE) ? BLOCKS.length : BLOCKS.indexOf(same.charAt(0)) + 1;
    const height = ((CELL.height - 3) * level) / BLOCKS.length;
    const y = top(row) + CELL.height - 2 - height;
    const opacity = same.startsWith(SHADE) ? ' opacity="0.55"' : '';
    return `<rect x="${String(x)}" y="${String(round(y))}" width="${String(same.length * CELL.width)}" height="${String(round(height))}" fill="${style.colour ?? TEXT}"${opacity}/>`;
  });
}

function wordsOf(text: string, { column, style }: Run, row: number): string {
  const indent = text.length - text.trimStart().length;
  const shown = text.trim();
  const x = MARGIN + (column + indent) * CELL.width;
  const looks = [
    style.colour === undefined ? '' : ` fill="${style.colour}"`,
    style.isBold ? ' font-weight="bold"' : '',
    style.isDim ? ' opacity="0.6"' : '',
  ].join('');
  const length = [...shown].length * CELL.width;
  return `<text x="${String(x)}" y="${String(top(row) + BASELINE)}" textLength="${String(length)}" lengthAdjust="spacingAndGlyphs"${looks}>${escaped(shown)}</text>`;
}

function top(row: number): number {
  return BAR_HEIGHT + MARGIN + row * CELL.height;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
