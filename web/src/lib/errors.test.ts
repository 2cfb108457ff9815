import { describe, expect, it } from "vitest";
import i18n from "i18next";
import { ApiError } from "./api";
import { errorText } from "./errors";

const invalid = (data: Record<string, unknown>) => errorText(new ApiError("invalid", 422, data));

describe("what was refused", () => {
  it("is told with the field and what is allowed", () => {
    const refused = { reason: "less_than_equal", limit: 120, given: 1_000_000 };
    expect(invalid({ ...refused, field: "ring_s" })).toBe(
      "Ring time: 1000000 is too much: 120 at most.",
    );
    expect(invalid({ ...refused, field: "wrap_up_s.2" })).toContain("Wrap-up: ");
    expect(invalid({ ...refused, field: "unheard_of" })).toBe("1000000 is too much: 120 at most.");
  });

  it("is told in general where the server says no more, or something unknown", () => {
    expect(invalid({})).toBe("Please check what you entered.");
    expect(invalid({ reason: "odd", field: "name" })).toBe("Please check what you entered.");
  });

  it("is told in Chinese, too", async () => {
    await i18n.changeLanguage("zh-CN");
    expect(invalid({ reason: "string_too_long", field: "name", limit: 80 })).toBe(
      "名称：内容过长，最多 80 个字符。",
    );
    await i18n.changeLanguage("en");
  });
});
