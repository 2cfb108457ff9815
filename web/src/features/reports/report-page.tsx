/** The report of a campaign over some days: figures, chart, tables, files. */
import { Button, Center, Group, Loader, Menu, SegmentedControl, Select, Text } from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import "dayjs/locale/zh-cn";
import { IconCalendar, IconDownload, IconFileSpreadsheet } from "@tabler/icons-react";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { PageFrame } from "@/components/page-frame";
import { errorText } from "@/lib/errors";
import {
  csvUrl,
  excelUrl,
  useCampaignReport,
  useCampaigns,
  type Part,
} from "./api/campaign-report";
import { presetRange, type Preset, type Range } from "./report-range";
import { ReportView } from "./report-view";

const PRESETS: Preset[] = ["today", "yesterday", "week", "month"];
const PARTS: Part[] = ["attempts", "totals", "outcomes", "intervals", "agents", "dispositions"];

/** Campaign and days stand in the address, so that a report can be sent to a colleague. */
function useChoice() {
  const [search, setSearch] = useSearchParams();
  const campaignId = search.get("campaign");
  const from = search.get("from");
  const to = search.get("to");
  const range = useMemo<Range>(
    () => (from && to ? { from, to } : presetRange("today", new Date())),
    [from, to],
  );
  const choose = useCallback(
    (change: Partial<Range & { campaign: string }>) =>
      setSearch((before) => {
        const next = new URLSearchParams(before);
        for (const [key, value] of Object.entries(change)) next.set(key, value);
        return next;
      }),
    [setSearch],
  );
  return { campaignId, range, choose };
}

export function ReportPage() {
  const { t } = useTranslation("reports");
  const { campaignId, range, choose } = useChoice();
  const campaigns = useCampaigns();
  const chosen = campaignId ?? campaigns.data?.[0]?.campaign_id ?? null;
  const report = useCampaignReport(chosen, range);
  return (
    <PageFrame
      title={t("title")}
      note={t("note")}
      actions={chosen && <Files campaignId={chosen} range={range} />}
    >
      <Group mb="md" align="flex-end">
        <Select
          label={t("campaign")}
          searchable
          allowDeselect={false}
          w={280}
          placeholder={t("choose")}
          data={(campaigns.data ?? []).map((row) => ({
            value: row.campaign_id,
            label: row.name,
          }))}
          value={chosen}
          onChange={(value) => value && choose({ campaign: value })}
        />
        <Days range={range} onChange={choose} />
      </Group>
      {report.isError && (
        <Center h={200}>
          <Text c="dimmed">{errorText(report.error)}</Text>
        </Center>
      )}
      {chosen && report.isPending && (
        <Center h={200}>
          <Loader />
        </Center>
      )}
      {!chosen && campaigns.isSuccess && (
        <Center h={200}>
          <Text c="dimmed">{t("noCampaign")}</Text>
        </Center>
      )}
      {report.data && !report.isError && <ReportView report={report.data} onRange={choose} />}
    </PageFrame>
  );
}

function Files({ campaignId, range }: { campaignId: string; range: Range }) {
  const { t, i18n } = useTranslation("reports");
  const file = { campaignId, range, language: i18n.language };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconDownload size={18} />}>
            CSV
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {PARTS.map((part) => (
            <Menu.Item key={part} component="a" href={csvUrl(file, part)} download>
              {t(`part.${part}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button
        component="a"
        href={excelUrl(file)}
        download
        leftSection={<IconFileSpreadsheet size={18} />}
      >
        Excel
      </Button>
    </>
  );
}

function Days({ range, onChange }: { range: Range; onChange: (range: Range) => void }) {
  const { t, i18n } = useTranslation("reports");
  const now = new Date();
  const preset = PRESETS.find((each) => {
    const days = presetRange(each, now);
    return days.from === range.from && days.to === range.to;
  });
  return (
    <>
      <SegmentedControl
        aria-label={t("days")}
        value={preset ?? "own"}
        onChange={(value) => value !== "own" && onChange(presetRange(value as Preset, new Date()))}
        data={[
          ...PRESETS.map((each) => ({ value: each as string, label: t(`preset.${each}`) })),
          ...(preset ? [] : [{ value: "own", label: t("preset.own") }]),
        ]}
      />
      <DatePickerInput
        key={`${range.from} ${range.to}`}
        type="range"
        aria-label={t("days")}
        leftSection={<IconCalendar size={16} />}
        locale={i18n.language.startsWith("zh") ? "zh-cn" : "en"}
        valueFormat={i18n.language.startsWith("zh") ? "YYYY年M月D日" : "MMM D, YYYY"}
        allowSingleDateInRange
        w={320}
        defaultValue={[range.from, range.to]}
        onChange={([from, to]) => from && to && onChange({ from, to })}
      />
    </>
  );
}
