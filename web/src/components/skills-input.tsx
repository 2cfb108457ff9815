/** Skills with levels: what agents have, or what contacts need or wish for. */
import { Checkbox, Group, Input, NumberInput, Stack, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { components } from "@/generated/api";
import { AddRow, RemoveRow, without } from "./rows";

type Skill = components["schemas"]["SkillBody"];

interface SkillsInputProps {
  label: string;
  description: string;
  value: readonly Skill[];
  onChange: (value: Skill[]) => void;
  /** Whether a skill may be wished for and not required. */
  wishes?: boolean;
}

export function SkillsInput({ label, description, value, onChange, wishes }: SkillsInputProps) {
  const { t } = useTranslation();
  const put = (index: number, change: Partial<Skill>) =>
    onChange(value.map((skill, at) => (at === index ? { ...skill, ...change } : skill)));
  return (
    <Input.Wrapper label={label} description={description}>
      <Stack gap={6} mt={4}>
        {value.map((skill, index) => (
          <Group key={index} gap="xs" wrap="nowrap">
            <TextInput
              flex={1}
              required
              maxLength={80}
              aria-label={t("skill.name")}
              placeholder={t("skill.name")}
              value={skill.name}
              onChange={(event) => put(index, { name: event.currentTarget.value })}
            />
            <NumberInput
              w={90}
              min={1}
              max={10}
              aria-label={t("skill.level")}
              value={skill.level ?? 1}
              onChange={(level) => put(index, { level: Number(level) })}
            />
            {wishes && (
              <Checkbox
                label={t("skill.preferred")}
                checked={skill.preferred ?? false}
                onChange={(event) => put(index, { preferred: event.currentTarget.checked })}
              />
            )}
            <RemoveRow label={t("skill.remove")} onClick={() => onChange(without(value, index))} />
          </Group>
        ))}
        <AddRow
          label={t("skill.add")}
          onClick={() => onChange([...value, { name: "", level: 1 }])}
        />
      </Stack>
    </Input.Wrapper>
  );
}
