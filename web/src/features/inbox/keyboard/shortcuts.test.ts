import { describe, expect, it } from "vitest";
import { BINDINGS, shortcutOf } from "./shortcuts";

const press = (values: Partial<Parameters<typeof shortcutOf>[0]>) =>
  shortcutOf({
    code: "",
    key: "",
    altKey: false,
    ctrlKey: false,
    metaKey: false,
    target: document.body,
    ...values,
  });

describe("shortcutOf", () => {
  it("knows each binding by its place on the keyboard, also while typing", () => {
    for (const { code, shortcut } of BINDINGS)
      expect(press({ code, altKey: true, target: document.createElement("textarea") })).toBe(
        shortcut,
      );
    expect(new Set(BINDINGS.map(({ code }) => code)).size).toBe(BINDINGS.length);
  });

  it("leaves the browser's own keys alone", () => {
    expect(press({ code: "KeyA", altKey: true, ctrlKey: true })).toBeNull();
    expect(press({ code: "KeyA" })).toBeNull();
    expect(press({ code: "KeyZ", altKey: true })).toBeNull();
  });

  it("takes ? for help, but not in a text", () => {
    expect(press({ key: "?" })).toBe("help");
    expect(press({ key: "?", target: document.createElement("input") })).toBeNull();
  });
});
