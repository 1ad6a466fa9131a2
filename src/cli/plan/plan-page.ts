/** A plan for people: what changes, the steps with what was answered to each, what stands in the way. Pure. */
import { stepText } from '../../reconcilers/plan/format-plan.js';
import { table } from '../basics/table.js';
import { indented, type Paint } from '../basics/talk.js';
import type { HeldBack } from './held-back.js';
import type { PlanDocument } from './plan-document.js';
import type { PlannedStep, Stage } from './planned-stages.js';
import type { FieldChange, ServiceChange } from './spec-diff.js';

/** Several lines. */
export function planPage(plan: PlanDocument, paint: Paint): string {
  const sections = [
    [headline(plan, paint)],
    plan.services.flatMap((service) => serviceLines(service, paint)),
    section(
      'stack',
      plan.fields.map((change) => `  ${fieldText(change, paint)}`),
      paint,
    ),
    plan.stages.flatMap((stage) => stageLines(stage, paint)),
    heldLines(plan.held, paint),
    legend(plan, paint),
    section('policy', policyLines(plan, paint), paint),
    section('drift that it heals', driftLines(plan, paint), paint),
    section(
      'in the way, and no step can mend it',
      plan.findings.map(({ message }) => `  ${paint('yellow', '!')} ${message}`),
      paint,
    ),
    endLines(plan, paint),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function headline({ stack, stages, held, changes, controller }: PlanDocument, paint: Paint): string {
  const count = stepsOf(stages).length;
  const who = controller ? 'its controller does this by itself' : 'nothing was done';
  const back = stepsOf(held?.stages ?? []).length;
  const news = count === 0 ? 'what changed needs no step' : `${stepsText(count)}; ${who}`;
  const rest = back === 0 ? '' : `; held back: ${stepsText(back)}`;
  return `${paint('bold', stack)}: ${changes ? news : 'No changes'}${rest}.`;
}

function stepsText(count: number): string {
  return count === 1 ? '1 step' : `${String(count)} steps`;
}

function stepsOf(stages: readonly Stage[]): readonly PlannedStep[] {
  return stages.flatMap(({ chains }) => chains.flat());
}

const CHANGE_WORDS = {
  none: '',
  added: 'new',
  changed: 'changed',
  removed: 'not in the manifest any more',
  unknown: 'it has containers, and what they were made of is noted nowhere',
} as const satisfies Record<ServiceChange['change'], string>;

function serviceLines({ name, change, fields }: ServiceChange, paint: Paint): readonly string[] {
  if (change === 'none') return [];
  const head = `${paint('bold', name)} ${paint('dim', CHANGE_WORDS[change])}`;
  const shown = change === 'added' ? fields.filter(({ field }) => TELLING.test(field)) : fields;
  return [head, ...shown.map((field) => `  ${fieldText(field, paint)}`)];
}

/** Of a new service the rest is what the manifest says, or defaults. */
const TELLING = /^(mode|version|image|port|replicas|command|env\..*|volumes\..*|route\..*)$/;

function fieldText({ field, from, to }: FieldChange, paint: Paint): string {
  if (from === undefined) return `${paint('green', '+')} ${field}: ${to ?? ''}`;
  if (to === undefined) return `${paint('red', '-')} ${field}: ${from}`;
  return `${paint('yellow', '~')} ${field}: ${from} → ${to}`;
}

function stageLines({ when, chains }: Stage, paint: Paint): readonly string[] {
  const head = when.length === 0 ? 'at once' : `when ${when.join(', and ')}`;
  return [
    paint('bold', head),
    ...chains.flatMap((chain) => chain.flatMap((step, index) => stepLines(step, index, paint))),
  ];
}

function heldLines(held: HeldBack | undefined, paint: Paint): readonly string[] {
  if (held === undefined) return [];
  const { services = ['the stack'], stages } = held;
  const title = `held back while ${services.join(', ')} ${services.length === 1 ? 'is' : 'are'} suspended`;
  if (stages.length === 0) return [`${paint('bold', title)}: nothing`];
  return [
    paint('bold', `${title}:`),
    ...stages.flatMap((stage) => stageLines(stage, paint)).map((line) => indented(line, '  ')),
  ];
}

/** The steps of one chain follow each other, indented. */
function stepLines(step: PlannedStep, index: number, paint: Paint): readonly string[] {
  const line = `  ${mark(step, paint)} ${index === 0 ? '' : '  '}${stepText(step)}`;
  return [line, ...(step.reasons ?? []).map((reason) => `      ${reason}`)];
}

function mark({ gate, possible }: PlannedStep, paint: Paint): string {
  if (possible === 'no') return gate === 'denied' ? paint('yellow', '⊘') : paint('red', '✘');
  if (possible === 'not reached') return paint('dim', '-');
  if (gate === 'allowed') return paint('green', '✔');
  return gate === 'unasked' ? paint('yellow', '?') : paint('dim', '·');
}

const LEGEND: readonly (readonly [string, string, (step: PlannedStep) => boolean])[] = [
  ['✔', 'allowed now', ({ gate, possible }) => possible === 'yes' && gate === 'allowed'],
  [
    '?',
    'asked when the policy engine is up',
    ({ gate, possible }) => possible === 'yes' && gate === 'unasked',
  ],
  ['·', 'needs no permission', ({ gate, possible }) => possible === 'yes' && gate === 'none'],
  ['⊘', 'denied now', ({ gate }) => gate === 'denied'],
  ['✘', 'refused by the engine', ({ gate, possible }) => possible === 'no' && gate !== 'denied'],
  ['-', 'not reached', ({ possible }) => possible === 'not reached'],
];

/** Of the marks that are there. */
function legend({ stages, held }: PlanDocument, paint: Paint): readonly string[] {
  const steps = stepsOf([...stages, ...(held?.stages ?? [])]);
  const used = LEGEND.filter(([, , is]) => steps.some(is)).map(([sign, meaning]) => `${sign} ${meaning}`);
  return used.length === 0 ? [] : [paint('dim', `  ${used.join('   ')}`)];
}

function policyLines({ policy: { answers } }: PlanDocument, paint: Paint): readonly string[] {
  if (answers.length === 0) return [];
  const rows = answers.map(({ domain, question, allow, reasons }) => [
    domain,
    question,
    allow
      ? paint('green', '✔ allows')
      : `${paint('red', '✘ denies:')} ${reasons.map(({ message }) => message).join('; ')}`,
  ]);
  return table(['DOMAIN', 'QUESTION', 'ANSWER NOW'], rows, paint);
}

function driftLines({ drift }: PlanDocument, paint: Paint): readonly string[] {
  return drift.map(({ kind, target, cause }) => `  ${paint('yellow', '△')} ${target} (${kind}): ${cause}`);
}

const END_WORDS = {
  converged:
    'Then the stack is as the manifest says, if all that starts gets healthy; a version that does not is taken back.',
  denied: 'It ends there: what is denied is asked again, and goes on when the policy allows it.',
  blocked: 'It ends there, until what is in the way is gone.',
  open: 'How it goes on, nobody can say from here: something runs and is not as it should be.',
  held: 'What is held back stays as it is until it is suspended no more.',
} as const satisfies Record<PlanDocument['end'], string>;

const REMOVED_WORDS = 'Then nothing of the stack is left but its volumes.';

function endLines({ end, removed, notes, stages }: PlanDocument, paint: Paint): readonly string[] {
  const words = removed === true && end === 'converged' ? REMOVED_WORDS : END_WORDS[end];
  const said = stages.length === 0 && end === 'converged' ? [] : [words];
  return [...said, ...notes.map((note) => `${paint('yellow', '!')} ${note}`)];
}

function section(title: string, lines: readonly string[], paint: Paint): readonly string[] {
  return lines.length === 0 ? [] : [paint('bold', title), ...lines];
}
