/** The lists taken into a campaign, and the rows that were not. */
import { Stack } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { DataTable, type Column } from "@/components/data-table";
import { Panel } from "@/components/panel";
import { ApiError } from "@/lib/api";
import { errorText } from "@/lib/errors";
import { useTexts } from "@/lib/use-texts";
import type { CampaignRow } from "./api/campaigns";
import { useImports, type ImportItem } from "./api/lists";
import { ImportProgress } from "./import-progress";
import { RejectedRows } from "./rejected-rows";

interface ImportListProps {
  campaignId: string;
  row: CampaignRow | undefined;
}

export function ImportList({ campaignId, row }: ImportListProps) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const imports = useImports(campaignId, `${row?.import_state} ${row?.import_imported}`);
  const columns = useMemo<Column<ImportItem>[]>(
    () => [
      { key: "file", title: t("import.file"), cell: (item) => item.file_name },
      {
        key: "state",
        title: t("column.state"),
        cell: (item) =>
          item.state === "failed"
            ? `${t("import.state.failed")} ${errorText(new ApiError(item.reason, 422))}`
            : t(`import.state.${item.state}`),
      },
      { key: "mode", title: t("import.mode"), cell: (item) => t(`import.modes.${item.mode}`) },
      { key: "at", title: t("import.startedAt"), cell: (item) => texts.instant(item.started_at) },
      ...(["rows_read", "imported", "duplicates"] as const).map((key) => ({
        key,
        title: t(`import.${key}`),
        number: true,
        cell: (item: ImportItem) => texts.number(item[key]),
      })),
      {
        key: "rejected",
        title: t("import.rejected"),
        number: true,
        cell: (item) => <RejectedRows item={item} />,
      },
    ],
    [t, texts],
  );
  return (
    <Stack gap={12}>
      {row?.import_state === "running" && (
        <Panel title={t("import.progress")}>
          <ImportProgress row={row} />
        </Panel>
      )}
      <Panel title={t("tab.lists")} flush>
        <DataTable
          label={t("tab.lists")}
          columns={columns}
          rows={imports.data ?? []}
          rowKey={(item) => item.import_id}
          empty={t("import.none")}
          minWidth={720}
        />
      </Panel>
    </Stack>
  );
}
