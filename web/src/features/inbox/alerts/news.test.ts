import { describe, expect, it } from "vitest";
import { workRow } from "@/testing/work-row";
import { newsOf } from "./news";

const kinds = (...args: Parameters<typeof newsOf>) => newsOf(...args).map(({ kind }) => kind);

describe("newsOf", () => {
  it("takes the first state for known", () => {
    expect(kinds(null, [workRow("a", { state: "offered" })])).toEqual([]);
  });

  it("tells offers once", () => {
    const offer = workRow("a", { state: "offered" });
    expect(kinds([], [offer])).toEqual(["offer"]);
    expect(kinds([offer], [offer])).toEqual([]);
  });

  it("tells a call that begins, and no more when it is held", () => {
    const call = workRow("a", { medium: "voice" });
    expect(kinds([{ ...call, state: "offered" }], [call])).toEqual(["call"]);
    expect(kinds([call], [{ ...call, held: true }])).toEqual([]);
  });

  it("tells unread lines, not our own", () => {
    const chat = workRow("a", { unread: 1 });
    expect(kinds([chat], [{ ...chat, unread: 2 }])).toEqual(["message"]);
    expect(kinds([chat], [{ ...chat, unread: 0 }])).toEqual([]);
  });
});
