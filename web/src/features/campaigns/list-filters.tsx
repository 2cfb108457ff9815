/** The filters of a list plan: field, operator, value. */
import { Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { AddRow, RemoveRow, without } from "@/components/rows";
import type { Condition, Penetration } from "./api/list-plan";
import { useFieldLabel } from "./field-label";

const OPERATORS = [
  "is",
  "is_not",
  "contains",
  "starts",
  "above",
  "below",
  "empty",
  "present",
] as const satisfies readonly Condition["operator"][];
const BARE: readonly Condition["operator"][] = ["empty", "present"];

/** Tell whether a filter says all that it must say. */
export function isWhole(filter: Condition): boolean {
  return filter.field !== "" && (BARE.includes(filter.operator) || filter.value !== "");
}

interface FiltersProps {
  fields: string[];
  lists: Penetration[];
  value: Condition[];
  onChange: (value: Condition[]) => void;
}

export function Filters({ fields, lists, value, onChange }: FiltersProps) {
  const { t } = useTranslation("campaigns");
  const label = useFieldLabel();
  const put = (place: number, change: Partial<Condition>) =>
    onChange(value.map((each, at) => (at === place ? { ...each, ...change } : each)));
  return (
    <Stack gap={6}>
      <Text size="sm" fw={600}>
        {t("plan.filters")}
      </Text>
      {value.map((filter, place) => (
        // Filters have no other name than their place.
        <Group key={place} gap="xs" wrap="nowrap">
          <Select
            w={180}
            aria-label={t("plan.filterField", { place: place + 1 })}
            placeholder={t("plan.field")}
            data={fields.map((field) => ({ value: field, label: label(field) }))}
            value={filter.field || null}
            onChange={(field) => field && put(place, { field, value: "" })}
          />
          <Select
            w={150}
            allowDeselect={false}
            aria-label={t("plan.filterOperator", { place: place + 1 })}
            data={OPERATORS.map((each) => ({ value: each, label: t(`plan.operators.${each}`) }))}
            value={filter.operator}
            onChange={(operator) =>
              operator && put(place, { operator: operator as Condition["operator"] })
            }
          />
          {!BARE.includes(filter.operator) &&
            (filter.field === "list" ? (
              <Select
                flex={1}
                aria-label={t("plan.filterValue", { place: place + 1 })}
                data={lists.map((each) => ({
                  value: each.import_id,
                  label: each.file_name || t("plan.byHand"),
                }))}
                value={filter.value || null}
                onChange={(chosen) => put(place, { value: chosen ?? "" })}
              />
            ) : (
              <TextInput
                flex={1}
                maxLength={200}
                aria-label={t("plan.filterValue", { place: place + 1 })}
                value={filter.value}
                onChange={(event) => put(place, { value: event.currentTarget.value })}
              />
            ))}
          <RemoveRow
            label={t("plan.filterRemove", { place: place + 1 })}
            onClick={() => onChange(without(value, place))}
          />
        </Group>
      ))}
      <AddRow
        label={t("plan.filterAdd")}
        disabled={value.length >= 20}
        onClick={() => onChange([...value, { field: "", operator: "is", value: "" }])}
      />
    </Stack>
  );
}
