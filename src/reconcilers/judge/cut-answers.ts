/**
 * Answers that a replica broke off after they had begun, by nginx's own messages on the same standard error: one names the connection, and
 * comes before the line of its request. Nothing in it up to there was chosen by who asked.
 */

const CUT = /^[\d/]+ [\d:]+ \[error\] \d+#\d+: \*(\d+) [^",]* while reading upstream, client: /;

/** Of requests that are not judged there is no line: theirs are forgotten in time. */
const MOST_REMEMBERED = 100;

export class CutAnswers {
  private readonly connections = new Set<number>();

  /** `message`: any line of nginx's. */
  note(message: string): void {
    const connection = CUT.exec(message)?.[1];
    if (connection === undefined) return;
    this.connections.add(Number(connection));
    const [oldest] = this.connections;
    if (this.connections.size > MOST_REMEMBERED && oldest !== undefined) this.connections.delete(oldest);
  }

  /** Whether the request that ended on this connection was answered in part; true once. */
  take(connection: number): boolean {
    return this.connections.delete(connection);
  }
}
