/** Memory with a limit, whatever the history holds: the newest of many, and notes of the latest keys. */

/** The newest of many, oldest first, and how many older ones are left out. */
export interface Listing<T> {
  readonly omitted: number;
  readonly items: readonly T[];
}

export class Newest<T> {
  #items: T[] = [];
  #count = 0;

  constructor(private readonly limit: number) {}

  push(item: T): void {
    this.#count += 1;
    this.#items.push(item);
    if (this.#items.length >= 2 * this.limit) this.#items = this.#items.slice(-this.limit);
  }

  get last(): T | undefined {
    return this.#items.at(-1);
  }

  listing(): Listing<T> {
    const items = this.#items.slice(-this.limit);
    return { omitted: this.#count - items.length, items };
  }
}

/** A map that forgets the key that was set first when there are too many. */
export class Notes<T> {
  readonly #byKey = new Map<string, T>();

  constructor(private readonly limit = 1000) {}

  get(key: string): T | undefined {
    return this.#byKey.get(key);
  }

  set(key: string, note: T): void {
    this.#byKey.set(key, note);
    if (this.#byKey.size <= this.limit) return;
    for (const oldest of this.#byKey.keys()) {
      this.#byKey.delete(oldest);
      return;
    }
  }

  delete(key: string): void {
    this.#byKey.delete(key);
  }

  clear(): void {
    this.#byKey.clear();
  }

  values(): readonly T[] {
    return [...this.#byKey.values()];
  }
}
