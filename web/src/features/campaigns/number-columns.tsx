/** Which columns of a list hold telephone numbers, in the order in which they are dialled. */
import { Group, Select, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { AddRow, RemoveRow, without } from "@/components/rows";
import type { components } from "@/generated/api";

export type NumberColumn = components["schemas"]["NumberColumnBody"];
export type NumberKind = NonNullable<NumberColumn["kind"]>;
export const KINDS = ["mobile", "home", "work", "other"] as const satisfies readonly NumberKind[];

interface NumberColumnsProps {
  columns: string[];
  value: NumberColumn[];
  onChange: (value: NumberColumn[]) => void;
}

export function NumberColumns({ columns, value, onChange }: NumberColumnsProps) {
  const { t } = useTranslation("campaigns");
  const shown = value.length > 0 ? value : [{ column: "", kind: "other" as const }];
  const put = (place: number, change: Partial<NumberColumn>) =>
    onChange(shown.map((each, at) => (at === place ? { ...each, ...change } : each)));
  return (
    <Stack gap={6}>
      <Text size="sm" fw={600}>
        {t("import.field.number")}
      </Text>
      {shown.map((each, place) => (
        // Two rows may name the same column while they are being edited.
        <Group key={place} gap="xs" wrap="nowrap">
          <Select
            flex={1}
            aria-label={t("import.numberColumn", { place: place + 1 })}
            placeholder={t("import.unused")}
            data={columns}
            value={each.column || null}
            onChange={(column) => column && put(place, { column })}
          />
          <Select
            w={130}
            allowDeselect={false}
            aria-label={t("import.numberKind", { place: place + 1 })}
            data={KINDS.map((kind) => ({ value: kind, label: t(`terms:numberKind.${kind}`) }))}
            value={each.kind}
            onChange={(kind) => kind && put(place, { kind: kind as NumberKind })}
          />
          <RemoveRow
            label={t("import.numberRemove", { place: place + 1 })}
            disabled={shown.length === 1}
            onClick={() => onChange(without(shown, place))}
          />
        </Group>
      ))}
      <AddRow
        label={t("import.numberAdd")}
        disabled={shown.length >= 10}
        onClick={() => onChange([...shown, { column: "", kind: "other" }])}
      />
    </Stack>
  );
}
