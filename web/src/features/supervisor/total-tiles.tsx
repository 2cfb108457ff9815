/** The whole site in one row: who waits, what happened today, what the agents do. */
import { Box, Group, Paper, SimpleGrid, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Since } from "@/components/since";
import { StatTile } from "@/components/stat-tile";
import { useTexts } from "@/lib/use-texts";
import { stateDot } from "./agent-state-badge";
import { longestWaiting, type AgentRow, type QueueRow, type TotalRow } from "./rows";

interface TotalTilesProps {
  total: TotalRow;
  queues: readonly QueueRow[];
}

export function TotalTiles({ total, queues }: TotalTilesProps) {
  const { t } = useTranslation("supervisor");
  const texts = useTexts();
  const oldest = longestWaiting(queues);
  const within = queues.reduce((sum, row) => sum + row.within_target, 0);
  const left = total.offered - total.waiting;
  const share = (part: number) => (left > 0 ? texts.pct((100 * part) / left) : "");
  return (
    <Box
      style={{ display: "grid", gap: 12, gridTemplateColumns: "minmax(0, 3fr) minmax(260px, 1fr)" }}
      mb="md"
    >
      <SimpleGrid cols={{ base: 3, lg: 6 }} spacing={12} verticalSpacing={12}>
        <StatTile
          label={t("tile.waiting")}
          value={texts.number(total.waiting)}
          detail={
            oldest && (
              <>
                {t("tile.longest")}{" "}
                <Since
                  since={oldest.oldest_since}
                  soonS={oldest.target_answer_s}
                  nowS={oldest.target_answer_s * 3}
                />
              </>
            )
          }
        />
        <StatTile
          label={t("tile.offered")}
          value={texts.number(total.offered)}
          detail={total.refused > 0 ? t("tile.refused", { count: total.refused }) : ""}
        />
        <StatTile
          label={t("tile.answered")}
          value={texts.number(total.answered)}
          detail={share(total.answered)}
        />
        <StatTile
          label={t("tile.abandoned")}
          value={texts.number(total.abandoned)}
          detail={share(total.abandoned)}
        />
        <StatTile
          label={t("tile.dropped")}
          value={texts.number(total.dropped)}
          detail={share(total.dropped)}
        />
        <StatTile
          label={t("tile.level")}
          value={left > 0 ? texts.pct((100 * within) / left) : "–"}
          detail={t("tile.withinTarget")}
        />
      </SimpleGrid>
      <PresenceTile total={total} />
    </Box>
  );
}

function PresenceTile({ total }: { total: TotalRow }) {
  const { t } = useTranslation("supervisor");
  const states: [AgentRow["state"], number][] = [
    ["ready", total.ready],
    ["dialing", total.dialing],
    ["busy", total.busy],
    ["wrap_up", total.wrap_up],
    ["break", total.on_break],
  ];
  return (
    <Paper withBorder radius="md" px="md" py="xs">
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {t("tile.agents")}
        </Text>
        <Text size="xs" c="dimmed" className="omni-tabular">
          {t("tile.signedIn", { count: total.signed_in })}
        </Text>
      </Group>
      <Box
        my={8}
        h={10}
        role="img"
        aria-label={t("tile.agents")}
        style={{ display: "flex", gap: 2, borderRadius: 5, overflow: "hidden" }}
        bg={total.signed_in === 0 ? "var(--mantine-color-default-border)" : undefined}
      >
        {states.map(
          ([state, count]) =>
            count > 0 && <Box key={state} bg={stateDot(state)} style={{ flex: count }} />,
        )}
      </Box>
      <Group gap="sm" justify="space-between">
        {states.map(([state, count]) => (
          <Group key={state} gap={5} wrap="nowrap">
            <Box w={8} h={8} bg={stateDot(state)} style={{ borderRadius: 8 }} />
            <Text size="xs" className="omni-tabular">
              {t(`common:agentState.${state}`)} <b>{count}</b>
            </Text>
          </Group>
        ))}
      </Group>
    </Paper>
  );
}
