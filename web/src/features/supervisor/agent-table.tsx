/** Agents: state with its time, what they hold, what they did today. */
import { Group, Text } from "@mantine/core";
import { IconPhoneOff, IconRobot } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { concernColor } from "@/components/concern";
import { DataTable, type Column } from "@/components/data-table";
import { Since } from "@/components/since";
import { Figure } from "@/components/figure";
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
        cell: (row) => <AgentStateBadge row={row} />,
      },
      {
        key: "since",
        title: t("agent.since"),
        number: true,
        sort: (row) => -Date.parse(row.since ?? "9999-01-01"),
        cell: (row) =>
          row.state === "signed_out" ? null : <Since since={row.since} {...patience(row)} />,
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
    [t, texts],
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
