/** `--for`: what is waited for, as kubectl has it: `condition=Ready`, `condition=Stalled=False`, `delete`. Pure. */
import { InvalidArgumentError } from 'commander';
import { CONDITION_TYPES, type ConditionStatus, type ConditionType } from '../../controller/conditions.js';
import { suggestWord } from '../../reconcilers/desired/suggest-word.js';

export interface WantedCondition {
  readonly kind: 'condition';
  readonly type: ConditionType;
  readonly status: ConditionStatus;
}

export type Wanted = WantedCondition | { readonly kind: 'delete' };

const TYPES = Object.keys(CONDITION_TYPES) as ConditionType[];
const STATUSES: readonly ConditionStatus[] = ['True', 'False', 'Unknown'];

/** One more of what must hold; upper and lower case are the same. */
export function wantedOption(value: string, before: readonly Wanted[] = []): readonly Wanted[] {
  return [...before, wantedOf(value)];
}

function wantedOf(value: string): Wanted {
  if (value.toLowerCase() === 'delete') return { kind: 'delete' };
  const [what = '', type = '', status = 'True', ...rest] = value.split('=');
  if (what.toLowerCase() !== 'condition' || type === '' || rest.length > 0)
    throw new InvalidArgumentError('write condition=Ready, condition=Stalled=False or delete');
  return {
    kind: 'condition',
    type: oneOf(type, TYPES, 'condition'),
    status: oneOf(status, STATUSES, 'status'),
  };
}

function oneOf<T extends string>(written: string, known: readonly T[], what: string): T {
  const found = known.find((word) => word.toLowerCase() === written.toLowerCase());
  if (found !== undefined) return found;
  const near = suggestWord(
    written,
    known.map((word) => word.toLowerCase()),
  );
  const meant = known.find((word) => word.toLowerCase() === near);
  const hint = meant === undefined ? '' : `\n(Did you mean ${meant}?)`;
  throw new InvalidArgumentError(`there is no ${what} ${written}; there are ${known.join(', ')}.${hint}`);
}

/** `Ready=True`. */
export function wantedWords(wanted: Wanted): string {
  return wanted.kind === 'delete' ? 'delete' : `${wanted.type}=${wanted.status}`;
}
