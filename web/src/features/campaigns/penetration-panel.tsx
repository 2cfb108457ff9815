/** How far each list has been worked through. */
import { Progress } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { DataTable, type Column } from "@/components/data-table";
import { Panel } from "@/components/panel";
import { useTexts } from "@/lib/use-texts";
import { usePenetration, type Penetration } from "./api/list-plan";

interface PenetrationPanelProps {
  campaignId: string;
  progress: string;
}

export function PenetrationPanel({ campaignId, progress }: PenetrationPanelProps) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const lists = usePenetration(campaignId, progress);
  const columns = useMemo<Column<Penetration>[]>(
    () => [
      { key: "file", title: t("import.file"), cell: (row) => row.file_name || t("plan.byHand") },
      {
        key: "share",
        title: t("penetration.tried"),
        cell: (row) => {
          const tried = row.contacts - row.untouched;
          const share = row.contacts > 0 ? (100 * tried) / row.contacts : 0;
          return (
            <Progress value={share} miw={90} aria-label={`${t("penetration.tried")} ${share} %`} />
          );
        },
      },
      ...(["contacts", "untouched", "open", "stopped", "done", "reached"] as const).map((key) => ({
        key,
        title: t(`penetration.${key}`),
        number: true,
        cell: (row: Penetration) => texts.number(row[key]),
      })),
      {
        key: "attempts",
        title: t("penetration.each"),
        number: true,
        cell: (row) => texts.number(Math.round((100 * row.attempts) / row.contacts) / 100),
      },
    ],
    [t, texts],
  );
  return (
    <Panel title={t("penetration.title")} flush>
      <DataTable
        label={t("penetration.title")}
        columns={columns}
        rows={lists.data ?? []}
        rowKey={(row) => row.import_id}
        empty={t("import.none")}
        minWidth={760}
      />
    </Panel>
  );
}
