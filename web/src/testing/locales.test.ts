/** Every text exists in every language, and every key that the code names exists. */
import { describe, expect, it } from "vitest";

type Words = Record<string, unknown>;
const files = import.meta.glob<Words>(["../locales/*/*.json", "../features/*/locales/*.json"], {
  eager: true,
  import: "default",
});
const sources = import.meta.glob<string>(
  ["../**/*.{ts,tsx}", "!../testing/**", "!../**/*.test.*"],
  {
    eager: true,
    query: "?raw",
    import: "default",
  },
);

const PLURAL = /_(zero|one|two|few|many|other)$/;

function leaves(words: Words, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(words)) {
    if (typeof value === "string") found.set(prefix + key, value);
    else for (const [k, v] of leaves(value as Words, `${prefix}${key}.`)) found.set(k, v);
  }
  return found;
}

function namespaces(language: string): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const [path, words] of Object.entries(files)) {
    const shared = /locales\/([^/]+)\/([^/]+)\.json$/.exec(path);
    const featured = /features\/([^/]+)\/locales\/([^/]+)\.json$/.exec(path);
    const [of, name] = featured ? [featured[2], featured[1]] : [shared?.[1], shared?.[2]];
    if (of === language && name) found.set(name, leaves(words));
  }
  return found;
}

const stem = (key: string) => key.replace(PLURAL, "");
const stems = (words: Map<string, string> | undefined) =>
  [...new Set([...(words?.keys() ?? [])].map(stem))].sort();
const holes = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((m) => m[1]).sort();

const en = namespaces("en");
const zh = namespaces("zh-CN");

describe("translations", () => {
  it("have the same namespaces", () => {
    expect([...zh.keys()].sort()).toEqual([...en.keys()].sort());
    expect(en.size).toBeGreaterThan(3);
  });

  it.each([...en.keys()])("%s: the same keys in both languages", (name) => {
    expect(stems(zh.get(name))).toEqual(stems(en.get(name)));
  });

  it.each([...en.keys()])("%s: no empty text, the same values to fill in", (name) => {
    for (const [key, text] of zh.get(name) ?? []) {
      expect(text.trim(), key).not.toBe("");
      const english = en.get(name)?.get(key) ?? en.get(name)?.get(`${stem(key)}_other`);
      if (english !== undefined) expect(holes(text), key).toEqual(holes(english));
    }
  });

  it("Chinese has the punctuation of Chinese", () => {
    for (const [name, words] of zh)
      for (const [key, text] of words)
        expect(/[\u4e00-\u9fff][,;:!?]/.test(text), `${name}:${key} ${text}`).toBe(false);
  });

  it("English has both plural forms where it has one", () => {
    for (const [name, words] of en)
      for (const key of words.keys())
        if (key.endsWith("_one"))
          expect(words.has(`${stem(key)}_other`), `${name}:${key}`).toBe(true);
  });

  it("exist for every key that the code names", () => {
    const missing: string[] = [];
    for (const [path, text] of Object.entries(sources)) {
      const declared = [...text.matchAll(/useTranslation\(\s*"([\w-]+)"/g)].map((m) => m[1] ?? "");
      const candidates = [...new Set([...declared, "common"])];
      for (const match of text.matchAll(/\bt\(\s*"([^"]+)"/g)) {
        const key = match[1] ?? "";
        const [ns, bare] = key.includes(":") ? key.split(":") : [null, key];
        const where = ns ? [ns] : candidates;
        const known = where.some((name) => stems(en.get(name)).includes(bare ?? ""));
        if (!known) missing.push(`${path}: ${key}`);
      }
    }
    expect(missing).toEqual([]);
  });
});
