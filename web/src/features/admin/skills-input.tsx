/** Skills with levels: what agents have, or what the contacts of a queue need or wish for. */
import { Checkbox, Group, Input, NumberInput, Stack, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Ring, Skill } from "./api/routing";
import { AddRow, RemoveRow, without } from "./rows";

interface SkillsInputProps {
  label: string;
  description: string;
  value: readonly Skill[];
  onChange: (value: Skill[]) => void;
  /** Whether a skill may be wished for and not required. */
  wishes?: boolean;
}

export function SkillsInput({ label, description, value, onChange, wishes }: SkillsInputProps) {
  const { t } = useTranslation("admin");
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

interface RingsInputProps {
  value: readonly Ring[];
  onChange: (value: Ring[]) => void;
}

/** After how long of waiting the required levels fall. */
export function RingsInput({ value, onChange }: RingsInputProps) {
  const { t } = useTranslation("admin");
  const put = (index: number, change: Partial<Ring>) =>
    onChange(value.map((ring, at) => (at === index ? { ...ring, ...change } : ring)));
  const next = (value.at(-1)?.after_s ?? 0) + 30;
  return (
    <Input.Wrapper label={t("ring.title")} description={t("ring.note")}>
      <Stack gap={6} mt={4}>
        {value.map((ring, index) => (
          <Group key={index} gap="xs" wrap="nowrap">
            <NumberInput
              flex={1}
              min={0}
              prefix={`${t("ring.after")} `}
              suffix=" s"
              aria-label={t("ring.after")}
              value={ring.after_s}
              onChange={(after_s) => put(index, { after_s: Number(after_s) })}
            />
            <NumberInput
              flex={1}
              min={0}
              max={10}
              disabled={ring.drop_all ?? false}
              prefix={`${t("ring.lowerBy")} `}
              aria-label={t("ring.lowerBy")}
              value={ring.lower_by ?? 0}
              onChange={(lower_by) => put(index, { lower_by: Number(lower_by) })}
            />
            <Checkbox
              label={t("ring.dropAll")}
              checked={ring.drop_all ?? false}
              onChange={(event) => put(index, { drop_all: event.currentTarget.checked })}
            />
            <RemoveRow label={t("ring.remove")} onClick={() => onChange(without(value, index))} />
          </Group>
        ))}
        <AddRow
          label={t("ring.add")}
          onClick={() => onChange([...value, { after_s: next, lower_by: 1, drop_all: false }])}
        />
      </Stack>
    </Input.Wrapper>
  );
}
