/** Agents: state with its time, what they hold, what they did today. */
import { ActionIcon, Group, Text } from "@mantine/core";
import { IconCheck, IconPhoneOff, IconRobot, IconX } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { concernColor } from "@/components/concern";
import { DataTable, type Column } from "@/components/data-table";
import { Since } from "@/components/since";
import { Figure } from "@/components/figure";
import { api } from "@/lib/api";
import { useCodes } from "@/lib/codes";
import { useTexts } from "@/lib/use-texts";
import { AgentStateBadge } from "./agent-state-badge";
import { patience, phoneConcern, stateRank, type AgentRow } from "./rows";

function AgentName({ row }: { row: AgentRow }) {
  const { t } = useTranslation("supervisor");
  const concern = phoneConcern(row);
  return (
    <Group gap={6} wrap="nowrap">
      <Text span inherit fw={500} truncate maw={170}>
        {row.name}
      </Text>
      {row.robot && <IconRobot size={15} stroke={1.6} aria-label={t("robot")} />}
      {concern !== "none" && (
        <IconPhoneOff
          size={15}
          color={concernColor(concern)}
          aria-label={t(`terms:phone.${row.phone}`)}
        />
      )}
    </Group>
  );
}

function useColumns(): Column<AgentRow>[] {
  const { t } = useTranslation("supervisor");
  const texts = useTexts();
  const limits = useBreakLimits();
  return useMemo(
    () => [
      {
        key: "name",
        title: t("agent.name"),
        sort: (row) => row.name,
        cell: (row) => <AgentName row={row} />,
      },
      {
        key: "state",
        title: t("agent.state"),
        sort: (row) => stateRank(row),
        cell: (row) => (
          <Group gap={6} wrap="nowrap">
            <AgentStateBadge row={row} />
            {row.break_requested !== "" && <BreakDecision row={row} />}
          </Group>
        ),
      },
      {
        key: "since",
        title: t("agent.since"),
        number: true,
        sort: (row) => -Date.parse(row.since ?? "9999-01-01"),
        cell: (row) =>
          row.state === "signed_out" ? null : (
            <Since since={row.since} {...patience(row, limits.get(row.reason))} />
          ),
      },
      ...(["calls", "chats", "mails", "handled"] as const).map((key) => ({
        key,
        title: t(`agent.${key}`),
        number: true,
        sort: (row: AgentRow) => row[key],
        cell: (row: AgentRow) => <Figure dim={row[key] === 0}>{texts.number(row[key])}</Figure>,
      })),
      {
        key: "talk",
        title: t("agent.talk"),
        number: true,
        sort: (row) => row.talk_s,
        cell: (row) => <Figure dim={row.talk_s === 0}>{texts.clock(row.talk_s)}</Figure>,
      },
      {
        key: "occupancy",
        title: t("agent.occupancy"),
        number: true,
        sort: (row) => row.occupancy_pct ?? -1,
        cell: (row) => (
          <Figure dim={row.occupancy_pct == null}>{texts.pct(row.occupancy_pct)}</Figure>
        ),
      },
    ],
    [t, texts, limits],
  );
}

/** How long a break may last, by its reason. */
function useBreakLimits(): ReadonlyMap<string, number> {
  const reasons = useCodes("break_reason");
  return useMemo(() => new Map(reasons.map((each) => [each.code, each.limit_s ?? 0])), [reasons]);
}

/** Allow or deny the break that an agent asks for. */
function BreakDecision({ row }: { row: AgentRow }) {
  const { t } = useTranslation("supervisor");
  const decide = useMutation({
    mutationFn: (approve: boolean) =>
      api.POST("/api/agents/{agent_id}/break-request", {
        params: { path: { agent_id: row.id } },
        body: { approve },
      }),
  });
  return (
    <Group gap={2} wrap="nowrap">
      <ActionIcon
        size="sm"
        variant="light"
        color="teal"
        aria-label={t("agent.allowBreak", { name: row.name })}
        disabled={decide.isPending}
        onClick={() => decide.mutate(true)}
      >
        <IconCheck size={14} />
      </ActionIcon>
      <ActionIcon
        size="sm"
        variant="light"
        color="red"
        aria-label={t("agent.denyBreak", { name: row.name })}
        disabled={decide.isPending}
        onClick={() => decide.mutate(false)}
      >
        <IconX size={14} />
      </ActionIcon>
    </Group>
  );
}

export function AgentTable({ rows }: { rows: readonly AgentRow[] }) {
  const { t } = useTranslation("supervisor");
  return (
    <DataTable
      label={t("agent.title")}
      columns={useColumns()}
      rows={rows}
      rowKey={(row) => row.id}
      sortBy="state"
      minWidth={640}
    />
  );
}
