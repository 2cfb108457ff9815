/** Quotas: of the contacts with a value, at most so many end with a result. */
import { Group, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { AddRow, RemoveRow, without } from "@/components/rows";
import { useCodes, useCodeLabel } from "@/lib/codes";
import { useTexts } from "@/lib/use-texts";
import type { ListPlan, ListPlanBody } from "./api/list-plan";
import { useFieldLabel } from "./field-label";

type Quota = NonNullable<ListPlanBody["quotas"]>[number];

interface QuotasProps {
  fields: string[];
  stands: ListPlan["quotas"];
  value: Quota[];
  onChange: (value: Quota[]) => void;
}

export function Quotas({ fields, stands, value, onChange }: QuotasProps) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const label = useFieldLabel();
  const codes = useCodes("disposition");
  const nameOf = useCodeLabel("disposition");
  const put = (place: number, change: Partial<Quota>) =>
    onChange(value.map((each, at) => (at === place ? { ...each, ...change } : each)));
  const standOf = (quota: Quota) =>
    stands.find(
      (each) =>
        each.field === quota.field &&
        each.value.toLowerCase() === quota.value.toLowerCase() &&
        each.disposition === quota.disposition,
    );
  return (
    <Stack gap={6}>
      <Text size="sm" fw={600}>
        {t("plan.quotas")}
      </Text>
      {value.map((quota, place) => {
        const stand = standOf(quota);
        return (
          // Quotas have no other name than their place.
          <Group key={place} gap="xs" wrap="nowrap">
            <Select
              w={160}
              aria-label={t("plan.quotaField", { place: place + 1 })}
              placeholder={t("plan.field")}
              data={fields.map((field) => ({ value: field, label: label(field) }))}
              value={quota.field || null}
              onChange={(field) => field && put(place, { field })}
            />
            <TextInput
              w={140}
              maxLength={200}
              aria-label={t("plan.quotaValue", { place: place + 1 })}
              placeholder={t("plan.value")}
              value={quota.value}
              onChange={(event) => put(place, { value: event.currentTarget.value })}
            />
            <Select
              w={170}
              aria-label={t("plan.quotaResult", { place: place + 1 })}
              placeholder={t("plan.result")}
              data={codes.map(({ code }) => ({ value: code, label: nameOf(code) }))}
              value={quota.disposition || null}
              onChange={(disposition) => disposition && put(place, { disposition })}
            />
            <NumberInput
              w={100}
              min={0}
              max={10_000_000}
              aria-label={t("plan.quotaLimit", { place: place + 1 })}
              value={quota.limit}
              onChange={(limit) => put(place, { limit: Number(limit) })}
            />
            <Text size="xs" c="dimmed" className="omni-tabular" flex={1}>
              {stand &&
                t("plan.quotaStand", {
                  results: texts.number(stand.results),
                  limit: texts.number(stand.limit),
                })}
            </Text>
            <RemoveRow
              label={t("plan.quotaRemove", { place: place + 1 })}
              onClick={() => onChange(without(value, place))}
            />
          </Group>
        );
      })}
      <AddRow
        label={t("plan.quotaAdd")}
        disabled={value.length >= 50}
        onClick={() => onChange([...value, { field: "", value: "", disposition: "", limit: 100 }])}
      />
    </Stack>
  );
}
