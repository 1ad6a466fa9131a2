/** The services of the live view as a table as wide as the terminal; the selected one is always in sight. Pure. */
import { table } from '../../basics/table.js';
import { SERVICE_HEAD, serviceTable } from '../service-table.js';
import type { ServiceStatus } from '../status-document.js';
import { moreWords, type Section } from './fit.js';
import { selectedService, type LiveFacts } from './live-facts.js';

type Column = (typeof SERVICE_HEAD)[number];

/** What a narrow terminal does without, the first first: the closer look has the first two. */
const EXPENDABLE: readonly Column[] = ['WEIGHT', 'VERSION', 'RESTARTS', 'READY'];
const LONGEST_NAME = 24;
const INDENT = 2;
const GAP = 2;

export function tableSection(facts: LiveFacts, rank: number): Section {
  const { services } = facts.look.status;
  if (services.length === 0) return { lines: [], least: 0, rank };
  const selected = selectedService(facts)?.name;
  const [head = '', ...rows] = tableLines(facts);
  const ranges = rangesOf(services);
  const range = ranges.find(({ name }) => name === selected) ?? { name: '', from: 0, to: 1 };
  const marked = rows.map((row, index) => (index === range.from ? marker(facts, row) : row));
  return {
    lines: [head, ...marked],
    least: Math.min(1 + range.to - range.from + (services.length > 1 ? 1 : 0), rows.length + 1),
    rank,
    cut: (count) => [head, ...around(marked, range, count - 1)],
  };
}

function tableLines({ look, size, paint }: LiveFacts): readonly string[] {
  const services = look.status.services.map((service) => ({ ...service, name: clipped(service.name) }));
  const { head, rows } = serviceTable(services, paint);
  const kept = columnsFor(services, size.columns);
  const pick = (cells: readonly string[]) =>
    cells.filter((_cell, index) => kept.includes(SERVICE_HEAD[index] ?? 'SERVICE'));
  return table(pick(head), rows.map(pick), paint);
}

/** Which columns fit, at the expense of the expendable ones. */
function columnsFor(services: readonly ServiceStatus[], columns: number): readonly Column[] {
  const { head, rows } = serviceTable(services, (_style, text) => text);
  const widths = new Map(
    SERVICE_HEAD.map((name, index) => [
      name,
      Math.max(...[head, ...rows].map((row) => row[index]?.length ?? 0)),
    ]),
  );
  const widthOf = (kept: readonly Column[]) =>
    INDENT + kept.reduce((sum, name) => sum + (widths.get(name) ?? 0) + GAP, -GAP);
  let kept: readonly Column[] = SERVICE_HEAD;
  for (const name of EXPENDABLE) if (widthOf(kept) > columns) kept = kept.filter((column) => column !== name);
  return kept;
}

function clipped(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
}

function marker({ paint }: LiveFacts, row: string): string {
  return `${paint('cyan', '›')} ${row.slice(INDENT)}`;
}

interface Range {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** The rows of each service. */
function rangesOf(services: readonly ServiceStatus[]): readonly Range[] {
  let from = 0;
  return services.map(({ name, tracks }) => {
    const range = { name, from, to: from + Math.max(1, tracks.length) };
    from = range.to;
    return range;
  });
}

/** `count` rows, the last of which says how many are missing; from the top where the selected ones are in it. */
function around(rows: readonly string[], { to }: Range, count: number): readonly string[] {
  const room = Math.max(1, count - 1);
  const start = Math.min(Math.max(0, to - room), rows.length - room);
  return [...rows.slice(start, start + room), moreWords(rows.length - room)];
}
