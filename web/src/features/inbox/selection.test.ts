import { describe, expect, it } from "vitest";
import { workRow } from "@/testing/work-row";
import { sortWork } from "./desk";
import { chooseShown, neighbour } from "./selection";

const chat = workRow("chat");
const mail = workRow("mail", { medium: "email", offered_at: "2026-11-21T12:05:00Z" });
const call = workRow("call", { medium: "voice", offered_at: "2026-11-21T12:06:00Z" });
const ended = workRow("ended", { state: "wrap_up" });
const offer = workRow("offer", { state: "offered" });

describe("chooseShown", () => {
  it("keeps what was chosen while it is on the desk", () => {
    expect(chooseShown(sortWork([chat, mail, call]), "mail")).toBe("mail");
    expect(chooseShown(sortWork([chat, ended]), "ended")).toBe("ended");
  });

  it("falls back to a call, then to a missing result, then to the oldest", () => {
    expect(chooseShown(sortWork([chat, ended, call]), undefined)).toBe("call");
    expect(chooseShown(sortWork([chat, ended]), "gone")).toBe("ended");
    expect(chooseShown(sortWork([mail, chat]), undefined)).toBe("chat");
  });

  it("shows no offer before it is accepted", () => {
    expect(chooseShown(sortWork([offer]), "offer")).toBeNull();
  });
});

describe("neighbour", () => {
  const desk = sortWork([mail, chat, ended]);
  it("goes round", () => {
    expect(neighbour(desk, "chat", 1)).toBe("mail");
    expect(neighbour(desk, "chat", -1)).toBe("ended");
    expect(neighbour(desk, "ended", 1)).toBe("chat");
    expect(neighbour(desk, null, 1)).toBe("chat");
    expect(neighbour(sortWork([]), null, 1)).toBeNull();
  });
});
