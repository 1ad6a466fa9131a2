/** How a live view ends: settled once, from wherever the end comes. */

export class Ending<T> {
  readonly reached: Promise<T>;
  private settle:
    { readonly resolve: (end: T) => void; readonly reject: (error: unknown) => void } | undefined;

  constructor() {
    this.reached = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
  }

  readonly as = (end: T): void => this.settle?.resolve(end);

  readonly failed = (error: unknown): void => this.settle?.reject(error);
}

/** Also when it has fired already. */
export function onAbort(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}
