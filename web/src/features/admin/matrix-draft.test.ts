import { describe, expect, it } from "vitest";
import type { Load } from "./api/routing";
import { cellKey, draftOf, matrixOf, unserved, withCell } from "./matrix-draft";

const HELP: Load = {
  media: [true, false, true],
  over_s: 30,
  under_s: 10,
  over_waiting: null,
  under_waiting: 0,
};
const matrix = {
  version: 4,
  entry_links: [{ queue_id: "q1", entry_point_id: "e1", priority: 2, open: true }],
  group_links: [
    { queue_id: "q1", group_id: "g1", distribution: 0, selection: 3, open: true, aid: null },
    { queue_id: "q2", group_id: "g1", distribution: 1, selection: 0, open: false, aid: HELP },
  ],
};

describe("the matrix being edited", () => {
  it("goes back as it came", () => {
    expect(matrixOf(draftOf(matrix))).toEqual(matrix);
  });

  it("changes one cell and leaves the draft before as it was", () => {
    const draft = draftOf(matrix);
    const key = cellKey("q1", "g2");
    const groups = withCell(draft.groups, key, {
      distribution: 1,
      selection: 1,
      open: true,
      aid: null,
    });
    expect(groups.size).toBe(3);
    expect(draft.groups.size).toBe(2);
    expect(withCell(groups, key, null).size).toBe(2);
  });

  it("names the queues that nobody serves", () => {
    expect([...unserved(draftOf(matrix), ["q1", "q2", "q3"])]).toEqual(["q2", "q3"]);
  });
});
