import { Checkbox, Group, Input, NumberInput, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { AddRow, RemoveRow, without } from "@/components/rows";
import type { Ring } from "./api/routing";

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
              suffix={t("common:unit.s")}
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
