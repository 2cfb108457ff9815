import { describe, expect, it } from "vitest";
import { regionChoices } from "./regions";

describe("regionChoices", () => {
  it("names countries in the person's language, in the order of the names", () => {
    const english = regionChoices("en");
    expect(english[0]).toEqual({ value: "AU", label: "Australia (AU)" });
    expect(english.at(-1)?.value).toBe("VN");
    expect(regionChoices("zh-CN")).toContainEqual({ value: "CN", label: "中国 (CN)" });
  });
});
