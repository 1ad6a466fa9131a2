/** Which deliveries were taken lately, so that one that is sent again does nothing. */

const WINDOW_MS = 10 * 60_000;
/** The oldest is forgotten first; only who has the secret can get here. */
const MAX_DELIVERIES = 1000;

export class ReplayWindow {
  /** To when it was taken, oldest first. */
  readonly #takenAtMs = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  /** False when `delivery` was taken within the last ten minutes. */
  take(delivery: string): boolean {
    const nowMs = this.now();
    this.#forgetBefore(nowMs - WINDOW_MS);
    if (this.#takenAtMs.has(delivery)) return false;
    this.#takenAtMs.set(delivery, nowMs);
    return true;
  }

  #forgetBefore(oldestMs: number): void {
    for (const [delivery, takenAtMs] of this.#takenAtMs) {
      if (takenAtMs > oldestMs && this.#takenAtMs.size < MAX_DELIVERIES) return;
      this.#takenAtMs.delete(delivery);
    }
  }
}
