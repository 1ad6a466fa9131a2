/** A look of the controller that began after somebody doubted what it had written. */
import { LookRequest } from './look-request.js';

/** Where no request can be left, what a controller writes by itself within this is taken for new. */
const UNASKED_MS = 1500;

export class FreshLook {
  private askedAtMs: number | undefined;
  /** Absent where the state directory is another user's. */
  private request: LookRequest | undefined;

  constructor(private readonly stateDir: string) {}

  /** Once is enough, however often it is called. */
  async ask(): Promise<void> {
    if (this.askedAtMs !== undefined) return;
    this.askedAtMs = performance.now();
    this.request = await LookRequest.leave(this.stateDir).catch(() => undefined);
  }

  /** What is written by then tells what that look found; false while nobody asked. */
  async isTaken(): Promise<boolean> {
    if (this.askedAtMs === undefined) return false;
    return this.request?.isAnswered() ?? performance.now() - this.askedAtMs > UNASKED_MS;
  }

  async withdraw(): Promise<void> {
    await this.request?.withdraw();
  }
}
