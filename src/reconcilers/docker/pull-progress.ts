/** How far a pull is: the bytes of all layers together, since the Engine tells them one by one. */

export interface PullEvent {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

export class PullProgress {
  private readonly layers = new Map<string, { current: number; total: number }>();

  /** The state of the pull in words, after one more event. */
  add(event: PullEvent): string {
    const { current, total } = event.progressDetail ?? {};
    if (event.id !== undefined && event.status === 'Downloading' && current !== undefined) {
      this.layers.set(event.id, { current, total: total ?? current });
    }
    const layers = [...this.layers.values()];
    if (layers.length === 0) return event.status ?? '';
    return `${megabytes(layers.map((layer) => layer.current))} of ${megabytes(layers.map((layer) => layer.total))} MB`;
  }
}

function megabytes(bytes: readonly number[]): string {
  return (bytes.reduce((sum, part) => sum + part, 0) / 1e6).toFixed(1);
}
