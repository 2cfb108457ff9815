/**
 * What survives a reload: the visitor's secret, whether a conversation goes on, unsent lines.
 *
 * A browser may refuse storage (private windows, full disk): the chat then works for as long as the
 * page is open. Several tabs share it; that a line may be sent by two of them is harmless, because
 * the server knows it by its reference.
 */
export interface Unsent {
  ref: string;
  text: string;
  topic: string;
}

interface Kept {
  token: string;
  going: boolean;
  unsent: Unsent[];
}

const NOTHING: Kept = { token: "", going: false, unsent: [] };

export class Memory {
  private kept: Kept = NOTHING;

  constructor(
    private readonly key: string,
    private readonly storage: Storage | null,
  ) {}

  get token(): string {
    return this.read().token;
  }

  set token(token: string) {
    this.write({ ...this.read(), token });
  }

  /** A conversation goes on: the next page shall connect without being asked. */
  get going(): boolean {
    return this.read().going;
  }

  set going(going: boolean) {
    if (going !== this.read().going) this.write({ ...this.read(), going });
  }

  get unsent(): Unsent[] {
    return this.read().unsent;
  }

  add(line: Unsent): void {
    this.write({ ...this.read(), unsent: [...this.unsent, line] });
  }

  remove(ref: string): void {
    const unsent = this.unsent.filter((line) => line.ref !== ref);
    if (unsent.length !== this.unsent.length) this.write({ ...this.read(), unsent });
  }

  private read(): Kept {
    try {
      const value = JSON.parse(this.storage?.getItem(this.key) ?? "null") as Partial<Kept> | null;
      if (value) return { ...NOTHING, ...value };
    } catch {
      // Unreadable or refused: what this page knows itself is left.
    }
    return this.kept;
  }

  private write(kept: Kept): void {
    this.kept = kept;
    try {
      this.storage?.setItem(this.key, JSON.stringify(kept));
    } catch {
      // Refused or full: see above.
    }
  }
}
