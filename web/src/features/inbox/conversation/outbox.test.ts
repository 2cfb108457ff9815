import { describe, expect, it } from "vitest";
import { ApiError } from "@/lib/api";
import { Outbox } from "./outbox";

function bench(post: (text: string, ref: string) => Promise<void>) {
  let count = 0;
  const pauses: number[] = [];
  const outbox = new Outbox(
    (_, text, ref) => post(text, ref),
    () => `ref${(count += 1)}`,
    (attempt) => (pauses.push(attempt), Promise.resolve()),
  );
  return { outbox, pauses };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe("Outbox", () => {
  it("shows a line at once and posts lines one after the other", async () => {
    const posted: string[] = [];
    let release: () => void = () => undefined;
    const { outbox } = bench((text) => {
      posted.push(text);
      return new Promise((resolve) => (release = resolve));
    });
    outbox.send("i1", "one");
    outbox.send("i1", "two");
    expect(outbox.lines("i1").map((line) => line.state)).toEqual(["sending", "sending"]);
    expect(posted).toEqual(["one"]);
    release();
    await settled();
    expect(posted).toEqual(["one", "two"]);
    release();
    await settled();
    expect(outbox.lines("i1")).toEqual([]);
  });

  it("tries a lost line again with the same reference", async () => {
    const refs: string[] = [];
    const { outbox, pauses } = bench((_, ref) => {
      refs.push(ref);
      return refs.length < 3
        ? Promise.reject(new ApiError("network_unreachable", 0))
        : Promise.resolve();
    });
    outbox.send("i1", "one");
    await settled();
    expect(refs).toEqual(["ref1", "ref1", "ref1"]);
    expect(pauses).toEqual([0, 1]);
    expect(outbox.lines("i1")).toEqual([]);
  });

  it("keeps what was refused, and what follows it, until told", async () => {
    let fails = true;
    const posted: string[] = [];
    const { outbox } = bench((text) => {
      if (fails) return Promise.reject(new ApiError("chat_ended", 409));
      posted.push(text);
      return Promise.resolve();
    });
    outbox.send("i1", "one");
    outbox.send("i1", "two");
    await settled();
    expect(outbox.lines("i1").map((line) => line.state)).toEqual(["failed", "failed"]);
    fails = false;
    outbox.retry("i1");
    await settled();
    expect(posted).toEqual(["one", "two"]);
  });

  it("forgets a line that came back from the server, and one that was discarded", async () => {
    const { outbox } = bench(() => Promise.reject(new ApiError("text_refused", 422)));
    outbox.send("i1", "one");
    outbox.send("i1", "two");
    await settled();
    outbox.arrived("i1", new Set(["ref1"]));
    outbox.discard("i1", "ref2");
    expect(outbox.lines("i1")).toEqual([]);
    expect(outbox.lines("other")).toEqual([]);
  });
});
