/**
 * The rows of one topic as the browser knows them: tables of rows by key, outside React.
 *
 * Rules:
 * 1. Only the live client writes; components read through `useSyncExternalStore`.
 * 2. A list is rebuilt only when its table changed; an unchanged row keeps its identity.
 * 3. Listeners hear once per frame, not once per row.
 */

export interface RowChange {
  table: string;
  key: string;
  row: unknown;
}

type Listener = () => void;

interface Table {
  rows: Map<string, unknown>;
  list: readonly unknown[] | null;
  listeners: Set<Listener>;
}

const EMPTY: readonly never[] = Object.freeze([]);

export class TopicStore {
  private readonly tables = new Map<string, Table>();
  private readonly stateListeners = new Set<Listener>();
  private loadedOnce = false;
  private staleNow = true;
  private lastSeq = 0;

  /** Number of the last frame taken in; 0 before the first. */
  get seq(): number {
    return this.lastSeq;
  }

  /** Whether a snapshot has ever arrived. */
  get loaded(): boolean {
    return this.loadedOnce;
  }

  /** Whether what is shown may be out of date (not connected, or a gap is being closed). */
  get stale(): boolean {
    return this.staleNow;
  }

  replaceAll(seq: number, changes: readonly RowChange[]): void {
    const touched = new Set<Table>();
    for (const table of this.tables.values()) {
      if (table.rows.size > 0) touched.add(table);
      table.rows = new Map();
    }
    this.write(changes, touched);
    this.finish(seq, touched);
  }

  apply(seq: number, changes: readonly RowChange[]): void {
    const touched = new Set<Table>();
    this.write(changes, touched);
    this.finish(seq, touched);
  }

  setStale(stale: boolean): void {
    if (this.staleNow === stale) return;
    this.staleNow = stale;
    for (const listener of [...this.stateListeners]) listener();
  }

  list(name: string): readonly unknown[] {
    const table = this.tables.get(name);
    if (!table) return EMPTY;
    table.list ??= [...table.rows.values()];
    return table.list;
  }

  row(name: string, key: string): unknown {
    return this.tables.get(name)?.rows.get(key);
  }

  onTable(name: string, listener: Listener): () => void {
    const table = this.table(name);
    table.listeners.add(listener);
    return () => table.listeners.delete(listener);
  }

  onState(listener: Listener): () => void {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  }

  private table(name: string): Table {
    let table = this.tables.get(name);
    if (!table) {
      table = { rows: new Map(), list: null, listeners: new Set() };
      this.tables.set(name, table);
    }
    return table;
  }

  private write(changes: readonly RowChange[], touched: Set<Table>): void {
    for (const { table: name, key, row } of changes) {
      const table = this.table(name);
      if (row === null || row === undefined) table.rows.delete(key);
      else table.rows.set(key, row);
      touched.add(table);
    }
  }

  private finish(seq: number, touched: Set<Table>): void {
    const wasLoaded = this.loadedOnce;
    const wasStale = this.staleNow;
    this.lastSeq = seq;
    this.loadedOnce = true;
    this.staleNow = false;
    for (const table of touched) table.list = null;
    for (const table of touched) for (const listener of [...table.listeners]) listener();
    if (!wasLoaded || wasStale) for (const listener of [...this.stateListeners]) listener();
  }
}
