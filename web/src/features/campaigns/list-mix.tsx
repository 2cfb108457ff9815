/** How much of the dialling each list gets beside the others. */
import { Group, NumberInput, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Penetration } from "./api/list-plan";

/** Return the weights with one list's changed; an empty field takes the list out of the mix. */
export function reweighed(
  weights: Record<string, number>,
  importId: string,
  value: number | string,
): Record<string, number> {
  const others = Object.entries(weights).filter(([listId]) => listId !== importId);
  return Object.fromEntries(value === "" ? others : [...others, [importId, Number(value)]]);
}

interface MixWeightsProps {
  lists: Penetration[];
  weights: Record<string, number>;
  onChange: (weights: Record<string, number>) => void;
}

export function MixWeights({ lists, weights, onChange }: MixWeightsProps) {
  const { t } = useTranslation("campaigns");
  if (lists.length < 2) return null;
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {t("plan.mix")}
      </Text>
      <Text size="xs" c="dimmed">
        {t("plan.mixNote")}
      </Text>
      <Group>
        {lists.map((list) => (
          <NumberInput
            key={list.import_id}
            w={180}
            size="xs"
            min={0}
            max={100}
            label={list.file_name || t("plan.byHand")}
            placeholder={t("plan.mixNone")}
            value={weights[list.import_id] ?? ""}
            onChange={(value) => onChange(reweighed(weights, list.import_id, value))}
          />
        ))}
      </Group>
    </Stack>
  );
}
