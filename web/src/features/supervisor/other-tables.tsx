/** Entry points, groups, trunks and campaigns on the floor. */
import { Anchor, Group, Progress, Text } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { DataTable, type Column } from "@/components/data-table";
import { Figure } from "@/components/figure";
import { TrunkState } from "@/components/trunk-state";
import { useTexts } from "@/lib/use-texts";
import { GroupOpening } from "./group-opening";
import {
  dropConcern,
  trunkConcern,
  type CampaignRow,
  type EntryPointRow,
  type GroupRow,
  type TrunkRow,
} from "./rows";

function Name({ children, open = true }: { children: string; open?: boolean }) {
  const { t } = useTranslation("supervisor");
  return (
    <Group gap={6} wrap="nowrap">
      <Text span inherit fw={500} truncate>
        {children}
      </Text>
      {!open && <IconLock size={14} aria-label={t("closed")} />}
    </Group>
  );
}

function useCounts() {
  const texts = useTexts();
  return useMemo(
    () =>
      <R, K extends keyof R & string>(key: K, title: string): Column<R> => ({
        key,
        title,
        number: true,
        sort: (row) => Number(row[key]),
        cell: (row) => (
          <Figure dim={Number(row[key]) === 0}>{texts.number(Number(row[key]))}</Figure>
        ),
      }),
    [texts],
  );
}

export function EntryPointTable({ rows }: { rows: readonly EntryPointRow[] }) {
  const { t } = useTranslation("supervisor");
  const count = useCounts();
  const columns = useMemo<Column<EntryPointRow>[]>(
    () => [
      {
        key: "name",
        title: t("entryPoint.name"),
        sort: (row) => row.name,
        cell: (row) => (
          <>
            <Name open={row.open}>{row.name}</Name>
            <Text size="xs" c="dimmed">
              {t(`common:medium.${row.medium}`)} · {row.address}
            </Text>
          </>
        ),
      },
      count<EntryPointRow, "offered">("offered", t("queue.offered")),
      count<EntryPointRow, "waiting">("waiting", t("queue.waiting")),
      count<EntryPointRow, "answered">("answered", t("queue.answered")),
      count<EntryPointRow, "abandoned">("abandoned", t("queue.abandoned")),
      count<EntryPointRow, "refused">("refused", t("queue.refused")),
    ],
    [t, count],
  );
  return (
    <DataTable
      label={t("entryPoint.title")}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id}
      minWidth={560}
    />
  );
}

interface GroupTableProps {
  rows: readonly GroupRow[];
  selected: string | null;
  onOpen: (row: GroupRow) => void;
}

export function GroupTable({ rows, selected, onOpen }: GroupTableProps) {
  const { t } = useTranslation("supervisor");
  const count = useCounts();
  const columns = useMemo<Column<GroupRow>[]>(
    () => [
      {
        key: "name",
        title: t("group.name"),
        sort: (row) => row.name,
        cell: (row) => <Name open={row.open}>{row.name}</Name>,
      },
      {
        key: "open",
        title: t("group.opening"),
        sort: (row) => row.cause,
        cell: (row) => <GroupOpening row={row} />,
      },
      count<GroupRow, "signed_in">("signed_in", t("state.signedIn")),
      count<GroupRow, "ready">("ready", t("common:agentState.ready")),
      count<GroupRow, "dialing">("dialing", t("common:agentState.dialing")),
      count<GroupRow, "busy">("busy", t("common:agentState.busy")),
      count<GroupRow, "wrap_up">("wrap_up", t("common:agentState.wrap_up")),
      count<GroupRow, "on_break">("on_break", t("common:agentState.break")),
    ],
    [t, count],
  );
  return (
    <DataTable
      label={t("group.title")}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id}
      selected={selected}
      onOpen={onOpen}
    />
  );
}

export function TrunkTable({ rows }: { rows: readonly TrunkRow[] }) {
  const { t } = useTranslation("supervisor");
  const count = useCounts();
  const texts = useTexts();
  const columns = useMemo<Column<TrunkRow>[]>(
    () => [
      {
        key: "name",
        title: t("trunk.name"),
        sort: (row) => row.name,
        cell: (row) => <Name open={row.enabled}>{row.name}</Name>,
      },
      {
        key: "state",
        title: t("trunk.state"),
        cell: (row) => <TrunkState trunk={row} off={t("trunk.disabled")} />,
      },
      {
        key: "busy",
        title: t("trunk.lines"),
        number: true,
        sort: (row) => row.busy,
        cell: (row) => (
          <Group gap={8} wrap="nowrap" justify="flex-end">
            <Progress
              value={row.capacity > 0 ? (100 * row.busy) / row.capacity : 0}
              w={56}
              size="sm"
              color={trunkConcern(row) === "none" ? "gray.5" : "orange"}
              aria-label={t("trunk.lines")}
            />
            <Figure concern={row.state === "down" ? "none" : trunkConcern(row)}>
              {texts.number(row.busy)} / {texts.number(row.capacity)}
            </Figure>
          </Group>
        ),
      },
      count<TrunkRow, "dialled">("dialled", t("campaign.dialled")),
      count<TrunkRow, "answered">("answered", t("campaign.answered")),
      count<TrunkRow, "failed">("failed", t("trunk.failed")),
    ],
    [t, count, texts],
  );
  return (
    <DataTable
      label={t("trunk.title")}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id}
      minWidth={520}
    />
  );
}

export function CampaignTable({ rows }: { rows: readonly CampaignRow[] }) {
  const { t } = useTranslation("supervisor");
  const count = useCounts();
  const texts = useTexts();
  const columns = useMemo<Column<CampaignRow>[]>(
    () => [
      {
        key: "name",
        title: t("campaign.name"),
        sort: (row) => row.name,
        cell: (row) => (
          <Anchor component={Link} to={`/campaigns/${row.id}`} inherit fw={500} c="inherit">
            {row.name}
          </Anchor>
        ),
      },
      {
        key: "state",
        title: t("campaign.state"),
        sort: (row) => row.state,
        cell: (row) => t(`terms:campaignState.${row.state}`),
      },
      {
        key: "dialable",
        title: t("campaign.dialable"),
        number: true,
        sort: (row) => row.dialable,
        cell: (row) => (
          <Figure concern={row.state === "running" && row.dialable === 0 ? "soon" : "none"}>
            {texts.number(row.dialable)}
          </Figure>
        ),
      },
      count<CampaignRow, "ringing">("ringing", t("campaign.ringing")),
      count<CampaignRow, "dialled">("dialled", t("campaign.dialled")),
      count<CampaignRow, "answered">("answered", t("campaign.answered")),
      count<CampaignRow, "to_agents">("to_agents", t("campaign.toAgents")),
      {
        key: "drop",
        title: t("campaign.drop"),
        number: true,
        sort: (row) => row.drop_pct ?? -1,
        cell: (row) => (
          <Figure concern={dropConcern(row)} dim={row.drop_pct == null}>
            {texts.pct(row.drop_pct)}
          </Figure>
        ),
      },
    ],
    [t, count, texts],
  );
  return (
    <DataTable
      label={t("campaign.title")}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id}
      minWidth={600}
    />
  );
}
