/** A report as the server computed it; nothing is added up here. */
import { CompositeChart } from "@mantine/charts";
import { Alert, Box, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/components/panel";
import { StatTile } from "@/components/stat-tile";
import { instantText } from "@/lib/format";
import { useTexts } from "@/lib/use-texts";
import type { CampaignReport } from "./api/campaign-report";
import { intervalText, rangeOf, type Range } from "./report-range";
import { AgentsTable, DispositionsTable, IntervalsTable, OutcomesTable } from "./report-tables";

interface ReportViewProps {
  report: CampaignReport;
  onRange: (range: Range) => void;
}

export function ReportView({ report, onRange }: ReportViewProps) {
  const { t, i18n } = useTranslation("reports");
  const closer =
    report.zoom === "hour"
      ? undefined
      : (startsAt: string) => onRange(rangeOf(startsAt, report.zoom, report.time_zone));
  return (
    <Stack gap={12}>
      <Totals report={report} />
      <Panel
        title={t(`chart.${report.zoom}`)}
        actions={
          <Text size="xs" c="dimmed">
            {t("zone", { zone: report.time_zone })}
            {closer && ` · ${t("closer")}`}
          </Text>
        }
      >
        <Chart report={report} onCloser={closer} />
      </Panel>
      <Box
        style={{
          display: "grid",
          gap: 12,
          gridTemplateColumns: "repeat(auto-fit, minmax(380px, 1fr))",
          alignItems: "start",
        }}
      >
        <Panel title={t("part.outcomes")} flush>
          <OutcomesTable report={report} />
        </Panel>
        <Panel title={t("part.dispositions")} flush>
          <DispositionsTable report={report} />
        </Panel>
      </Box>
      <Panel title={t("part.agents")} flush>
        <AgentsTable report={report} />
      </Panel>
      <Panel title={t("part.intervals")} flush>
        <IntervalsTable report={report} onCloser={closer} />
      </Panel>
      <Checks report={report} />
      <Text size="xs" c="dimmed">
        {t("madeAt", { at: instantText(report.made_at, i18n.language) })}
      </Text>
    </Stack>
  );
}

function Totals({ report }: { report: CampaignReport }) {
  const { t } = useTranslation("reports");
  const texts = useTexts();
  const totals = report.totals;
  const lost = totals.hung_up + totals.machines + totals.lost;
  return (
    <SimpleGrid cols={{ base: 3, md: 5 }} spacing={12} verticalSpacing={12}>
      <StatTile
        label={t("total.dialled")}
        value={texts.number(totals.dialled)}
        detail={totals.in_progress > 0 ? t("total.inProgress", { count: totals.in_progress }) : ""}
      />
      <StatTile label={t("total.answered")} value={texts.number(totals.answered)} />
      <StatTile label={t("total.rate")} value={texts.pct(totals.connection_rate_pct)} />
      <StatTile label={t("total.toAgents")} value={texts.number(totals.to_agents)} />
      <StatTile label={t("total.dropped")} value={texts.number(totals.dropped)} />
      <StatTile label={t("total.drop")} value={texts.pct(totals.drop_pct)} />
      {totals.messages + totals.opted_out > 0 && (
        <StatTile
          label={t("total.messages")}
          value={texts.number(totals.messages)}
          detail={t("total.messagesDetail", { count: totals.opted_out })}
        />
      )}
      <StatTile
        label={t("total.unserved")}
        value={texts.number(lost)}
        detail={t("total.unservedDetail", { hungUp: totals.hung_up, machines: totals.machines })}
      />
      <StatTile label={t("total.meanTalk")} value={texts.clock(totals.mean_talk_s)} />
      <StatTile label={t("total.meanWait")} value={texts.clock(totals.mean_wait_s)} />
      <StatTile label={t("total.meanWrapUp")} value={texts.clock(totals.mean_wrap_up_s)} />
    </SimpleGrid>
  );
}

interface ChartProps {
  report: CampaignReport;
  onCloser: ((startsAt: string) => void) | undefined;
}

function Chart({ report, onCloser }: ChartProps) {
  const { t, i18n } = useTranslation("reports");
  const texts = useTexts();
  const points = useMemo(
    () =>
      report.intervals.map((line) => ({
        startsAt: line.starts_at,
        at: intervalText(line.starts_at, report.zoom, report.time_zone, i18n.language),
        dialled: line.dialled,
        answered: line.answered,
        toAgents: line.to_agents,
        rate: line.connection_rate_pct,
      })),
    [report, i18n.language],
  );
  if (points.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t("nothing")}
      </Text>
    );
  return (
    <CompositeChart
      h={280}
      data={points}
      dataKey="at"
      withLegend
      legendProps={{ itemSorter: null }}
      withRightYAxis
      rightYAxisProps={{ domain: [0, 100], unit: " %" }}
      maxBarWidth={28}
      valueFormatter={(value) => texts.number(value)}
      composedChartProps={
        onCloser && {
          onClick: (state) => {
            const point = points[Number(state.activeTooltipIndex)];
            if (point) onCloser(point.startsAt);
          },
          style: { cursor: "pointer" },
        }
      }
      series={[
        { name: "dialled", label: t("total.dialled"), color: "gray.5", type: "bar" },
        { name: "answered", label: t("total.answered"), color: "brand.4", type: "bar" },
        { name: "toAgents", label: t("total.toAgents"), color: "brand.8", type: "bar" },
        {
          name: "rate",
          label: t("total.rate"),
          color: "orange.7",
          type: "line",
          yAxisId: "right",
        },
      ]}
    />
  );
}

function Checks({ report }: { report: CampaignReport }) {
  const { t } = useTranslation("reports");
  const texts = useTexts();
  const broken = report.checks.filter((check) => !check.ok);
  if (broken.length > 0)
    return (
      <Alert color="red" icon={<IconAlertTriangle />} title={t("check.broken")}>
        {broken.map((check) => (
          <Text key={check.name} size="sm">
            {t(`check.${check.name}`)}: {texts.number(check.left)} ≠ {texts.number(check.right)}
          </Text>
        ))}
      </Alert>
    );
  return (
    <Group gap={6} title={report.checks.map((check) => t(`check.${check.name}`)).join("\n")}>
      <IconCheck size={16} aria-hidden />
      <Text size="sm" c="dimmed">
        {t("check.hold", { count: report.checks.length })}
      </Text>
    </Group>
  );
}
