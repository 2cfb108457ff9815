/** What contacts need by what they say when they come in: topics to choose, and rules. */
import { Divider, Group, Input, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { AddRow, RemoveRow, without } from "@/components/rows";
import { SkillsInput } from "@/components/skills-input";
import type { EntryPoint, EntryRule, Topic } from "./api/routing";
import { topicKey } from "./topics";

/** The facts that are known of a contact of each medium. */
const FACTS: Record<EntryPoint["medium"], readonly EntryRule["fact"][]> = {
  voice: ["address"],
  email: ["subject", "address", "name"],
  chat: ["topic", "subject", "name"],
};

interface ListProps<T> {
  value: readonly T[];
  onChange: (value: T[]) => void;
}

/** The choices of the chat's form. A topic keeps its key when it gets another label. */
export function TopicsInput({ value, onChange }: ListProps<Topic>) {
  const { t } = useTranslation("admin");
  const put = (index: number, change: Partial<Topic>) =>
    onChange(value.map((topic, at) => (at === index ? { ...topic, ...change } : topic)));
  return (
    <Input.Wrapper label={t("topic.title")} description={t("topic.note")}>
      <Stack gap={6} mt={4}>
        {value.map((topic, index) => (
          <Group key={topic.key} gap="xs" wrap="nowrap">
            {(["label_en", "label_zh"] as const).map((name) => (
              <TextInput
                key={name}
                flex={1}
                required
                maxLength={80}
                aria-label={t(`topic.${name}`)}
                placeholder={t(`topic.${name}`)}
                value={topic[name]}
                onChange={(event) => put(index, { [name]: event.currentTarget.value })}
              />
            ))}
            <RemoveRow label={t("topic.remove")} onClick={() => onChange(without(value, index))} />
          </Group>
        ))}
        <AddRow
          label={t("topic.add")}
          onClick={() => onChange([...value, { key: topicKey(value), label_en: "", label_zh: "" }])}
        />
      </Stack>
    </Input.Wrapper>
  );
}

interface RulesInputProps extends ListProps<EntryRule> {
  medium: EntryPoint["medium"];
  topics: readonly Topic[];
}

/** Rules: a fact of the contact, what it says, and what the contact then needs. */
export function EntryRulesInput({ value, onChange, medium, topics }: RulesInputProps) {
  const { t, i18n } = useTranslation("admin");
  const put = (index: number, change: Partial<EntryRule>) =>
    onChange(value.map((rule, at) => (at === index ? { ...rule, ...change } : rule)));
  const facts = FACTS[medium].filter((fact) => fact !== "topic" || topics.length > 0);
  const label = i18n.language.startsWith("zh") ? "label_zh" : "label_en";
  const fresh = (fact: EntryRule["fact"]): EntryRule => ({
    fact,
    text: fact === "topic" ? (topics[0]?.key ?? "") : "",
    needs: [],
    priority: null,
  });
  return (
    <Input.Wrapper label={t("entryRule.title")} description={t("entryRule.note")}>
      <Stack gap="xs" mt={4}>
        {value.map((rule, index) => (
          <Fragment key={index}>
            {index > 0 && <Divider />}
            <Group gap="xs" wrap="nowrap" align="end">
              <Select
                w={140}
                allowDeselect={false}
                aria-label={t("entryRule.fact")}
                data={facts.map((fact) => ({ value: fact, label: t(`entryRule.facts.${fact}`) }))}
                value={rule.fact}
                onChange={(fact) => put(index, fresh((fact ?? rule.fact) as EntryRule["fact"]))}
              />
              {rule.fact === "topic" ? (
                <Select
                  flex={1}
                  allowDeselect={false}
                  aria-label={t("entryRule.topic")}
                  data={topics.map((topic) => ({ value: topic.key, label: topic[label] }))}
                  value={rule.text ?? null}
                  onChange={(text) => put(index, { text: text ?? "" })}
                />
              ) : (
                <TextInput
                  flex={1}
                  maxLength={200}
                  aria-label={t("entryRule.text")}
                  placeholder={t("entryRule.anything")}
                  value={rule.text ?? ""}
                  onChange={(event) => put(index, { text: event.currentTarget.value })}
                />
              )}
              <NumberInput
                w={120}
                min={0}
                max={9}
                aria-label={t("matrix.priority")}
                placeholder={t("matrix.priority")}
                value={rule.priority ?? ""}
                onChange={(priority) =>
                  put(index, { priority: priority === "" ? null : Number(priority) })
                }
              />
              <RemoveRow
                label={t("entryRule.remove")}
                onClick={() => onChange(without(value, index))}
              />
            </Group>
            <SkillsInput
              label={t("entryRule.needs")}
              description=""
              value={rule.needs ?? []}
              wishes
              onChange={(needs) => put(index, { needs })}
            />
          </Fragment>
        ))}
        <AddRow
          label={t("entryRule.add")}
          onClick={() => onChange([...value, fresh(facts[0] ?? "subject")])}
        />
      </Stack>
    </Input.Wrapper>
  );
}
