/** The topics of an entry point and the rules that hang on them. Pure, so that it can be tested. */
import type { EntryRule, Topic } from "./api/routing";

/** Return a key for one more topic: never shown, and no other topic of the list has it. */
export function topicKey(topics: readonly Topic[]): string {
  const taken = topics.map(({ key }) => Number(/^topic_(\d+)$/.exec(key)?.[1] ?? 0));
  return `topic_${Math.max(0, ...taken) + 1}`;
}

/** Return the rules without those of topics that are gone. */
export function rulesOf(topics: readonly Topic[], rules: readonly EntryRule[]): EntryRule[] {
  const keys = new Set(topics.map(({ key }) => key));
  return rules.filter((rule) => rule.fact !== "topic" || keys.has(rule.text ?? ""));
}
