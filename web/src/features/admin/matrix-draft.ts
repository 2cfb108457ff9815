/** The matrix being edited: cells by row and column. Pure, so that it can be tested. */
import type { EntryLink, GroupLink, Load, Matrix } from "./api/routing";
import { wholeLoad } from "./load-input";

export type EntryCell = Required<Pick<EntryLink, "priority" | "open">>;
export type GroupCell = Required<Pick<GroupLink, "distribution" | "selection" | "open">> & {
  /** The group only helps the queue, while so much waits. */
  aid: Load | null;
};

export interface MatrixDraft {
  version: number;
  entries: ReadonlyMap<string, EntryCell>;
  groups: ReadonlyMap<string, GroupCell>;
}

const SEPARATOR = " ";

/** Return the key of a cell; ids hold no spaces. */
export function cellKey(row: string, column: string): string {
  return row + SEPARATOR + column;
}

export function draftOf(matrix: Matrix): MatrixDraft {
  return {
    version: matrix.version,
    entries: new Map(
      matrix.entry_links.map((link) => [
        cellKey(link.queue_id, link.entry_point_id),
        { priority: link.priority ?? 5, open: link.open ?? true },
      ]),
    ),
    groups: new Map(
      matrix.group_links.map((link) => [
        cellKey(link.queue_id, link.group_id),
        {
          distribution: link.distribution ?? 0,
          selection: link.selection ?? 0,
          open: link.open ?? true,
          aid: wholeLoad(link.aid),
        },
      ]),
    ),
  };
}

function split(key: string): [string, string] {
  const [row = "", column = ""] = key.split(SEPARATOR);
  return [row, column];
}

export function matrixOf(draft: MatrixDraft): Matrix {
  return {
    version: draft.version,
    entry_links: [...draft.entries].map(([key, cell]) => {
      const [queue_id, entry_point_id] = split(key);
      return { queue_id, entry_point_id, ...cell };
    }),
    group_links: [...draft.groups].map(([key, cell]) => {
      const [queue_id, group_id] = split(key);
      return { queue_id, group_id, ...cell };
    }),
  };
}

/** Return the map with one cell set, or without it when `cell` is null. */
export function withCell<C>(cells: ReadonlyMap<string, C>, key: string, cell: C | null) {
  const next = new Map(cells);
  if (cell === null) next.delete(key);
  else next.set(key, cell);
  return next;
}

/** Return the queues that no open link leads to a group from: their customers wait for ever. */
export function unserved(draft: MatrixDraft, queueIds: readonly string[]): Set<string> {
  const served = new Set(
    [...draft.groups].filter(([, cell]) => cell.open).map(([key]) => split(key)[0]),
  );
  return new Set(queueIds.filter((id) => !served.has(id)));
}
