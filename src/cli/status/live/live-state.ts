/** What the live view knows, and how a look or a key changes it. Pure. */
import type { Look } from '../look.js';
import type { LiveKey } from './keys.js';
import { withSample, type Samples } from './samples.js';

export interface LiveState {
  readonly look: Look;
  readonly samples: Samples;
  /** The name of the service that is looked at closely. */
  readonly selected: string | undefined;
  readonly page: 'stack' | 'help';
}

/** `between`: the files changed, and nothing was measured anew. */
export type LookKind = 'fresh' | 'stale' | 'between';

export function firstState(look: Look): LiveState {
  return { look, samples: new Map(), selected: undefined, page: 'stack' };
}

export function withLook(state: LiveState, look: Look, kind: LookKind): LiveState {
  const samples = kind === 'between' ? state.samples : withSample(state.samples, look.status.services, kind);
  return { ...state, look, samples };
}

/** The keys that end the view change nothing of it. */
export function withKey(state: LiveState, key: LiveKey): LiveState {
  switch (key) {
    case 'help':
      return { ...state, page: state.page === 'help' ? 'stack' : 'help' };
    case 'next':
      return moved(state, 1);
    case 'previous':
      return moved(state, -1);
    case 'quit':
    case 'interrupt':
      return state;
  }
}

/** Round at either end. */
function moved(state: LiveState, by: 1 | -1): LiveState {
  const names = state.look.status.services.map(({ name }) => name);
  if (names.length === 0) return state;
  const index = Math.max(0, names.indexOf(state.selected ?? ''));
  return { ...state, selected: names[(index + by + names.length) % names.length], page: 'stack' };
}
