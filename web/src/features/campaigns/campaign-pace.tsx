/** What a campaign may dial at this moment: its lines, its drop budget, its trunks; pushed. */
import { Box, Group, Progress, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/components/panel";
import { TrunkState } from "@/components/trunk-state";
import { useRows } from "@/lib/live";
import { useTexts } from "@/lib/use-texts";
import type { CampaignRow } from "./api/campaigns";
import { allowedIn, budgetShares, droppedIn, linesOf, spendsBudget, trunksOf } from "./pace";

interface CampaignPaceProps {
  row: CampaignRow;
  /** The only trunk it dials over; null: any. */
  trunkId: string | null;
}

export function CampaignPace({ row, trunkId }: CampaignPaceProps) {
  const dials = row.state === "running" || row.state === "draining";
  return (
    <>
      <LinesPanel row={row} dials={dials} />
      {dials && spendsBudget(row) && <BudgetPanel row={row} />}
      <TrunksPanel row={row} trunkId={trunkId} />
    </>
  );
}

function LinesPanel({ row, dials }: { row: CampaignRow; dials: boolean }) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const lines = linesOf(row);
  const waiting = row.mode === "agentless" ? "lines.hearing" : "lines.waiting";
  return (
    <Panel title={t("lines.title")}>
      <Stack gap={8}>
        <Line name={t("lines.dialling")}>{texts.number(lines.dialling)}</Line>
        <Line name={t("lines.ringing")}>{texts.number(lines.ringing)}</Line>
        <Line name={t(waiting)}>{texts.number(lines.waiting)}</Line>
        <Line name={t("lines.talking")}>{texts.number(lines.talking)}</Line>
        {dials && (
          <Text size="xs" c="dimmed" className="omni-tabular">
            {t("lines.most", { count: row.lines_max })}
          </Text>
        )}
      </Stack>
    </Panel>
  );
}

function BudgetPanel({ row }: { row: CampaignRow }) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const byAgents = row.mode !== "agentless";
  return (
    <Panel title={t("budget.title")}>
      <Stack gap={8}>
        {row.drop_windows.map((one) => {
          const shares = budgetShares(one, row.reserved, row.drop_limit_pct);
          return (
            <Box key={one.window}>
              <Line name={t(`budget.window.${one.window}`)}>
                {t("budget.used", {
                  dropped: texts.number(droppedIn(one)),
                  allowed: texts.number(allowedIn(one, row.drop_limit_pct)),
                })}
              </Line>
              <Progress.Root size="sm" my={4}>
                <Progress.Section value={shares.used} color="orange" withAria={false} />
                <Progress.Section value={shares.reserved} color="gray.5" withAria={false} />
              </Progress.Root>
              <Text size="xs" c="dimmed" className="omni-tabular">
                {t(byAgents ? "budget.answered" : "budget.found", {
                  answered: texts.number(one.answered),
                })}
                {!!one.lost && ` · ${t("budget.lost", { lost: texts.number(one.lost) })}`}
              </Text>
            </Box>
          );
        })}
        <Text size="xs" c="dimmed">
          {byAgents
            ? t("budget.note", { reserved: texts.number(row.reserved) })
            : t("budget.noteAgentless")}
        </Text>
      </Stack>
    </Panel>
  );
}

function TrunksPanel({ row, trunkId }: CampaignPaceProps) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const trunks = trunksOf(useRows("floor", "trunk"), row.trunk_lines, trunkId);
  return (
    <Panel title={t("trunks.title")}>
      <Stack gap={8}>
        {trunks.length === 0 && (
          <Text size="sm" c="dimmed">
            {t("trunks.none")}
          </Text>
        )}
        {trunks.map((trunk) => (
          <Group key={trunk.id} justify="space-between" align="start" wrap="nowrap">
            <Box miw={0}>
              <Text size="sm" truncate>
                {trunk.name}
              </Text>
              <Text size="xs" c="dimmed" className="omni-tabular">
                {t("trunks.lines", {
                  mine: texts.number(row.trunk_lines[trunk.id] ?? 0),
                  busy: texts.number(trunk.busy),
                  capacity: texts.number(trunk.capacity),
                })}
              </Text>
            </Box>
            <Text size="sm" component="div" ta="right">
              <TrunkState trunk={trunk} off={t("trunks.off")} />
            </Text>
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Group justify="space-between" gap="xs" wrap="nowrap">
      <Text size="sm" truncate>
        {name}
      </Text>
      <Text size="sm" className="omni-tabular" style={{ whiteSpace: "nowrap" }}>
        {children}
      </Text>
    </Group>
  );
}
