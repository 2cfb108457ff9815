/** A campaign's numbers of today, pushed: progress, outcomes, why contacts are not dialled. */
import { Box, Button, Group, Loader, Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/components/panel";
import { StatTile } from "@/components/stat-tile";
import { useCodeLabel } from "@/lib/codes";
import { useTexts } from "@/lib/use-texts";
import { useGain, type CampaignRow } from "./api/campaigns";
import { CampaignPace } from "./campaign-pace";
import { useCounted, type Counted } from "./counted";
import { dropConcern } from "./drop-concern";
import { ImportProgress } from "./import-progress";

const SIDE_BY_SIDE: CSSProperties = {
  display: "grid",
  gap: 12,
  gridTemplateColumns: "repeat(auto-fit, minmax(280px, 1fr))",
  alignItems: "start",
};

interface CampaignNumbersProps {
  campaignId: string;
  row: CampaignRow;
  trunkId: string | null;
  onImport: () => void;
}

export function CampaignNumbers({ campaignId, row, trunkId, onImport }: CampaignNumbersProps) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const label = useCodeLabel("disposition");
  const rate = row.dialled > 0 ? (100 * row.answered) / row.dialled : null;
  const gain = useGain(campaignId, row.state === "running" && row.mode === "predictive");
  const counted = useCounted(campaignId, row);
  return (
    <Stack gap={12}>
      <SimpleGrid cols={{ base: 3, md: 4, lg: 7 }} spacing={12} verticalSpacing={12}>
        <ListTiles counted={counted} running={row.state === "running"} />
        <StatTile label={t("tile.ringing")} value={texts.number(row.ringing)} />
        <StatTile label={t("tile.dialled")} value={texts.number(row.dialled)} />
        <StatTile
          label={t("tile.answered")}
          value={texts.number(row.answered)}
          detail={rate === null ? "" : texts.pct(rate)}
        />
        <StatTile label={t("tile.toAgents")} value={texts.number(row.to_agents)} />
        {row.mode === "agentless" ? (
          <StatTile
            label={t("tile.messages")}
            value={texts.number(row.outcomes["message"] ?? 0)}
            detail={t("tile.optedOut", { count: row.outcomes["opted_out"] ?? 0 })}
          />
        ) : (
          <StatTile
            label={t("tile.drop")}
            value={texts.pct(row.drop_pct)}
            detail={t("tile.limit", { limit: texts.pct(row.drop_limit_pct) })}
            concern={dropConcern(row)}
          />
        )}
        {gain.data?.predictive_gain_pct != null && (
          <StatTile
            label={t("tile.gain")}
            value={`+ ${texts.pct(gain.data.predictive_gain_pct)}`}
            detail={t("tile.gainNote")}
          />
        )}
      </SimpleGrid>
      {row.import_state === "running" && (
        <Panel title={t("import.title")}>
          <ImportProgress row={row} />
        </Panel>
      )}
      <Box style={SIDE_BY_SIDE}>
        <CampaignPace row={row} trunkId={trunkId} />
      </Box>
      <Box style={SIDE_BY_SIDE}>
        <Panel title={t("blocked.title")}>
          <Blocked counted={counted} onImport={onImport} />
        </Panel>
        <Panel title={t("outcomes")}>
          <Bars
            counts={row.outcomes}
            whole={row.dialled}
            name={(outcome) => t(`terms:outcome.${outcome}`, { defaultValue: outcome })}
            empty={t("nothingYet")}
          />
        </Panel>
        <Panel title={t("dispositions")}>
          <Bars
            counts={row.dispositions}
            whole={row.to_agents}
            name={label}
            empty={t("nothingYet")}
          />
        </Panel>
      </Box>
    </Stack>
  );
}

interface ListTilesProps {
  counted: Counted | undefined;
  running: boolean;
}

function ListTiles({ counted, running }: ListTilesProps) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  return (
    <>
      <StatTile
        label={t("tile.contacts")}
        value={texts.number(counted?.contacts)}
        detail={counted ? t("tile.finished", { count: counted.finished }) : ""}
      />
      <StatTile
        label={t("tile.dialable")}
        value={texts.number(counted?.dialable)}
        detail={t("tile.now")}
        concern={running && counted?.dialable === 0 ? "soon" : "none"}
      />
    </>
  );
}

interface BlockedProps {
  counted: Counted | undefined;
  onImport: () => void;
}

function Blocked({ counted, onImport }: BlockedProps) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  if (!counted) return <Loader size="sm" />;
  if (counted.contacts === 0)
    return (
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {t("blocked.noList")}
        </Text>
        <Button size="xs" leftSection={<IconUpload size={14} />} onClick={onImport}>
          {t("import.title")}
        </Button>
      </Group>
    );
  return (
    <Stack gap={8}>
      <Bars
        counts={counted.gates}
        whole={counted.contacts}
        name={(gate) => t(`terms:gate.${gate}`, { defaultValue: gate })}
        empty={t("blocked.none")}
      />
      {!counted.whole && (
        <Text size="xs" c="dimmed" role="status">
          {t("blocked.counting", { contacts: texts.number(counted.contacts) })}
        </Text>
      )}
      {counted.whole && counted.asOf && (
        <Text size="xs" c="dimmed">
          {t("blocked.asOf", { at: texts.instant(counted.asOf) })}
        </Text>
      )}
    </Stack>
  );
}

interface BarsProps {
  counts: Record<string, number> | undefined;
  whole: number;
  name: (key: string) => string;
  empty: string;
}

function Bars({ counts, whole, name, empty }: BarsProps) {
  const texts = useTexts();
  const lines = Object.entries(counts ?? {})
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1]);
  if (lines.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {empty}
      </Text>
    );
  return (
    <Stack gap={8}>
      {lines.map(([key, count]) => (
        <Box key={key}>
          <Group justify="space-between" gap="xs" wrap="nowrap">
            <Text size="sm" truncate>
              {name(key)}
            </Text>
            <Text size="sm" className="omni-tabular" style={{ whiteSpace: "nowrap" }}>
              {texts.number(count)}{" "}
              <Text span size="xs" c="dimmed">
                {whole > 0 ? texts.pct((100 * count) / whole) : ""}
              </Text>
            </Text>
          </Group>
          <Progress
            value={whole > 0 ? (100 * count) / whole : 0}
            size="xs"
            color="gray.5"
            aria-label={name(key)}
          />
        </Box>
      ))}
    </Stack>
  );
}
