/** Who is told what a command sees and does: people by lines, machines by JSON. A reporter tells; it decides nothing. */
import type { Condition } from '../../controller/conditions.js';
import type { HistoryRepair } from '../../controller/history/history-log.js';
import type { Outcome } from '../../controller/outcome.js';
import type { StackListener } from '../../reconcilers/stack-parts.js';
import type { ToldEvent } from './event-words.js';

/** What is neither a step nor an event, and still somebody should know. */
export type Notice =
  | { readonly kind: 'history repaired'; readonly repair: HistoryRepair }
  | { readonly kind: 'event stream broke'; readonly error: unknown }
  | { readonly kind: 'proxy log broke'; readonly error: unknown }
  | { readonly kind: 'history not written'; readonly error: unknown }
  | { readonly kind: 'no metrics served'; readonly message: string };

/** How a command ended: its exit code, and what was known then. */
export interface End {
  readonly code: number;
  readonly conditions: readonly Condition[];
  readonly url?: string;
  /** Set when time was up, in milliseconds. */
  readonly timeoutMs?: number;
  /** Set when time was up, and whoever controls the stack did not answer. */
  readonly isUnanswered?: true;
  /** Set when all is done, and what is to be noted of it cannot be: the error. */
  readonly unwritten?: Error;
  /** What is waited for while there are no conditions yet, in words. */
  readonly awaited?: string;
  /** The judge took the canary back that the command was about: denied, and not asked again. */
  readonly isRejected?: true;
  /** What the command was about and has reached, in words, while the rest of the stack has not. */
  readonly own?: string;
}

export interface Reporter extends StackListener {
  onEvent(event: ToldEvent): void;
  onTick(result: Outcome | Error, durationMs: number): void;
  onNotice(notice: Notice): void;
  /** Somebody else's progress, in words. */
  onProgress(message: string): void;
  /** Where a controller that goes on stands now; told when it is news. */
  onState(state: End): void;
  onEnd(end: End): void;
  /** Whether an event of this name was told. */
  hasTold(event: string): boolean;
}
