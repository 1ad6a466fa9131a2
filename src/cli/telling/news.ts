/** What was said last about each thing: the same words about the same thing are no news. */

export class News {
  private readonly said = new Map<string, string>();

  /** Whether this was not what was said last about it; from now on it is. */
  isNews(about: string, words: string): boolean {
    if (this.said.get(about) === words) return false;
    this.said.set(about, words);
    return true;
  }

  /** Whatever is said about it next is news. */
  forget(about: string): void {
    this.said.delete(about);
  }
}
