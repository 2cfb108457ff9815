import { describe, expect, it } from "vitest";
import type { EntryRule, Topic } from "./api/routing";
import { rulesOf, topicKey } from "./topics";

const topic = (key: string): Topic => ({ key, label_en: key, label_zh: key });
const rule = (fact: EntryRule["fact"], text: string): EntryRule => ({
  fact,
  text,
  needs: [],
  priority: null,
});

describe("topics", () => {
  it("get a key that none of the others has", () => {
    expect(topicKey([])).toBe("topic_1");
    expect(topicKey([topic("topic_7"), topic("returns"), topic("topic_2")])).toBe("topic_8");
  });

  it("take their rules with them and leave the others", () => {
    const rules = [rule("topic", "topic_1"), rule("topic", "topic_2"), rule("subject", "topic_1")];
    expect(rulesOf([topic("topic_2")], rules)).toEqual(rules.slice(1));
  });
});
