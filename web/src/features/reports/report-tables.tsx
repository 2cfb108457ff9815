/** The tables of a report. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { DataTable, type Column } from "@/components/data-table";
import { useCodeLabel } from "@/lib/codes";
import { useTexts } from "@/lib/use-texts";
import type { CampaignReport } from "./api/campaign-report";
import { intervalText } from "./report-range";

type Outcome = CampaignReport["outcomes"][number];
type Disposition = CampaignReport["dispositions"][number];
type Agent = CampaignReport["agents"][number];
type Interval = CampaignReport["intervals"][number];

export function OutcomesTable({ report }: { report: CampaignReport }) {
  const { t } = useTranslation("reports");
  const texts = useTexts();
  const columns = useMemo<Column<Outcome>[]>(
    () => [
      {
        key: "outcome",
        title: t("column.outcome"),
        cell: (row) => t(`terms:outcome.${row.outcome}`, { defaultValue: row.outcome }),
      },
      {
        key: "attempts",
        title: t("column.attempts"),
        number: true,
        sort: (row) => row.attempts,
        cell: (row) => texts.number(row.attempts),
      },
      {
        key: "pct",
        title: t("column.share"),
        number: true,
        cell: (row) => texts.pct(row.pct),
      },
    ],
    [t, texts],
  );
  return (
    <DataTable
      label={t("part.outcomes")}
      columns={columns}
      rows={report.outcomes}
      rowKey={(row) => row.outcome}
      minWidth={300}
    />
  );
}

export function DispositionsTable({ report }: { report: CampaignReport }) {
  const { t } = useTranslation("reports");
  const texts = useTexts();
  const label = useCodeLabel("disposition");
  const columns = useMemo<Column<Disposition>[]>(
    () => [
      {
        key: "disposition",
        title: t("column.disposition"),
        cell: (row) => label(row.disposition),
      },
      {
        key: "calls",
        title: t("column.calls"),
        number: true,
        sort: (row) => row.calls,
        cell: (row) => texts.number(row.calls),
      },
      {
        key: "pct",
        title: t("column.share"),
        number: true,
        cell: (row) => texts.pct(row.pct),
      },
    ],
    [t, texts, label],
  );
  return (
    <DataTable
      label={t("part.dispositions")}
      columns={columns}
      rows={report.dispositions}
      rowKey={(row) => row.disposition}
      minWidth={300}
    />
  );
}

export function AgentsTable({ report }: { report: CampaignReport }) {
  const { t } = useTranslation("reports");
  const texts = useTexts();
  const label = useCodeLabel("disposition");
  const columns = useMemo<Column<Agent>[]>(() => {
    const time = (key: "talk_s" | "wrap_up_s" | "mean_talk_s" | "mean_wrap_up_s") => ({
      key,
      title: t(`column.${key}`),
      number: true,
      sort: (row: Agent) => row[key] ?? -1,
      cell: (row: Agent) => texts.clock(row[key]),
    });
    return [
      { key: "name", title: t("column.agent"), sort: (row) => row.name, cell: (row) => row.name },
      {
        key: "calls",
        title: t("column.calls"),
        number: true,
        sort: (row) => row.calls,
        cell: (row) => texts.number(row.calls),
      },
      time("talk_s"),
      time("mean_talk_s"),
      time("wrap_up_s"),
      time("mean_wrap_up_s"),
      ...report.dispositions.map(({ disposition }) => ({
        key: `d-${disposition}`,
        title: label(disposition),
        number: true,
        sort: (row: Agent) => row.dispositions[disposition] ?? 0,
        cell: (row: Agent) => texts.number(row.dispositions[disposition] ?? 0),
      })),
    ];
  }, [t, texts, label, report.dispositions]);
  return (
    <DataTable
      label={t("part.agents")}
      columns={columns}
      rows={report.agents}
      rowKey={(row) => row.agent_id}
      minWidth={760}
    />
  );
}

interface IntervalsTableProps {
  report: CampaignReport;
  onCloser: ((startsAt: string) => void) | undefined;
}

export function IntervalsTable({ report, onCloser }: IntervalsTableProps) {
  const { t, i18n } = useTranslation("reports");
  const texts = useTexts();
  const columns = useMemo<Column<Interval>[]>(
    () => [
      {
        key: "at",
        title: t(`column.${report.zoom}`),
        sort: (row) => row.starts_at,
        cell: (row) => intervalText(row.starts_at, report.zoom, report.time_zone, i18n.language),
      },
      ...(["dialled", "answered", "to_agents", "dropped"] as const).map((key) => ({
        key,
        title: t(`column.${key}`),
        number: true,
        sort: (row: Interval) => row[key],
        cell: (row: Interval) => texts.number(row[key]),
      })),
      {
        key: "rate",
        title: t("total.rate"),
        number: true,
        cell: (row) => texts.pct(row.connection_rate_pct),
      },
      {
        key: "drop",
        title: t("total.drop"),
        number: true,
        cell: (row) => texts.pct(row.drop_pct),
      },
      {
        key: "talk",
        title: t("column.talk_s"),
        number: true,
        cell: (row) => texts.clock(row.talk_s),
      },
    ],
    [t, texts, i18n.language, report.zoom, report.time_zone],
  );
  return (
    <DataTable
      label={t("part.intervals")}
      columns={columns}
      rows={report.intervals}
      rowKey={(row) => row.starts_at}
      minWidth={640}
      {...(onCloser ? { onOpen: (row: Interval) => onCloser(row.starts_at) } : {})}
    />
  );
}
