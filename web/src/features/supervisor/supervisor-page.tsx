/** The floor, live: entry points, queues, groups, agents, trunks, campaigns. */
import { Alert, Box, Button, Center, Group, Loader, Stack, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconDeviceTv, IconRoute, IconSearch, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { PageFrame } from "@/components/page-frame";
import { Panel } from "@/components/panel";
import { api, data } from "@/lib/api";
import { useRow, useRows, useTopic } from "@/lib/live";
import { AgentTable } from "./agent-table";
import { CampaignTable, EntryPointTable, GroupTable, TrunkTable } from "./other-tables";
import { QueueTable } from "./queue-table";
import { inFocus, type Focus, type GroupRow, type QueueRow } from "./rows";
import classes from "./supervisor-page.module.css";
import { TotalTiles } from "./total-tiles";

/** What the agents are narrowed to stands in the address, so that it can be sent to a colleague. */
function useFocus(): [Focus | null, (focus: Focus | null) => void] {
  const [search, setSearch] = useSearchParams();
  const queue = search.get("queue");
  const group = search.get("group");
  const focus = useMemo<Focus | null>(() => {
    if (queue) return { kind: "queue", id: queue };
    return group ? { kind: "group", id: group } : null;
  }, [queue, group]);
  const setFocus = useCallback(
    (next: Focus | null) => setSearch(next ? { [next.kind]: next.id } : {}, { replace: true }),
    [setSearch],
  );
  return [focus, setFocus];
}

export function SupervisorPage() {
  const { t } = useTranslation("supervisor");
  const { loaded } = useTopic("floor");
  const total = useRow("floor", "total", "site");
  const queues = useRows("floor", "queue");
  const groups = useRows("floor", "group");
  const [focus, setFocus] = useFocus();
  const openQueue = useCallback(
    (row: QueueRow) => setFocus({ kind: "queue", id: row.id }),
    [setFocus],
  );
  const openGroup = useCallback(
    (row: GroupRow) => setFocus({ kind: "group", id: row.id }),
    [setFocus],
  );
  if (!loaded || !total)
    return (
      <Center h={300}>
        <Loader />
      </Center>
    );
  return (
    <PageFrame
      title={t("title")}
      note={t("note")}
      actions={
        <Group gap="xs">
          <Button
            component={Link}
            to="/supervisor/routing"
            variant="default"
            leftSection={<IconRoute size={18} />}
          >
            {t("why.title")}
          </Button>
          <Button
            component={Link}
            to="/supervisor/wallboard"
            variant="default"
            leftSection={<IconDeviceTv size={18} />}
          >
            {t("wallboard")}
          </Button>
        </Group>
      }
    >
      {!total.invariants_ok && (
        <Alert color="red" icon={<IconAlertTriangle />} mb="md" title={t("drift.title")}>
          {t("drift.text")}
        </Alert>
      )}
      <TotalTiles total={total} queues={queues} />
      <Box className={classes.columns ?? ""}>
        <Stack gap={12} miw={0}>
          <Panel title={t("queue.title")} flush>
            <QueueTable
              rows={queues}
              selected={focus?.kind === "queue" ? focus.id : null}
              onOpen={openQueue}
            />
          </Panel>
          <Campaigns />
          <EntryPoints />
          <Trunks />
        </Stack>
        <Stack gap={12} miw={0}>
          <Panel title={t("group.title")} flush>
            <GroupTable
              rows={groups}
              selected={focus?.kind === "group" ? focus.id : null}
              onOpen={openGroup}
            />
          </Panel>
          <Agents focus={focus} onClear={() => setFocus(null)} queues={queues} groups={groups} />
        </Stack>
      </Box>
    </PageFrame>
  );
}

function Campaigns() {
  const { t } = useTranslation("supervisor");
  const rows = useRows("floor", "campaign");
  return (
    <Panel title={t("campaign.title")} flush>
      <CampaignTable rows={rows} />
    </Panel>
  );
}

function EntryPoints() {
  const { t } = useTranslation("supervisor");
  const rows = useRows("floor", "entry_point");
  return (
    <Panel title={t("entryPoint.title")} flush>
      <EntryPointTable rows={rows} />
    </Panel>
  );
}

function Trunks() {
  const { t } = useTranslation("supervisor");
  const rows = useRows("floor", "trunk");
  return (
    <Panel title={t("trunk.title")} flush>
      <TrunkTable rows={rows} />
    </Panel>
  );
}

interface AgentsProps {
  focus: Focus | null;
  onClear: () => void;
  queues: readonly QueueRow[];
  groups: readonly GroupRow[];
}

function Agents({ focus, onClear, queues, groups }: AgentsProps) {
  const { t } = useTranslation("supervisor");
  const rows = useRows("floor", "agent");
  const [typed, setTyped] = useState("");
  const matrix = useQuery({
    queryKey: ["matrix"],
    queryFn: () => data(api.GET("/api/matrix")),
    enabled: focus?.kind === "queue",
  });
  const links = matrix.data?.group_links;
  const shown = useMemo(() => {
    const wanted = typed.trim().toLowerCase();
    const found = inFocus(rows, focus, links ?? []);
    return wanted ? found.filter((row) => row.name.toLowerCase().includes(wanted)) : found;
  }, [rows, focus, links, typed]);
  const things = focus?.kind === "queue" ? queues : groups;
  const name = focus && (things.find((row) => row.id === focus.id)?.name ?? focus.id);
  return (
    <Panel
      flush
      title={name ? t("agent.of", { name }) : t("agent.title")}
      actions={
        <>
          {focus && (
            <Button
              size="compact-sm"
              variant="light"
              leftSection={<IconX size={14} />}
              onClick={onClear}
            >
              {t("agent.all")}
            </Button>
          )}
          <TextInput
            size="xs"
            w={150}
            ml="auto"
            leftSection={<IconSearch size={14} />}
            placeholder={t("agent.search")}
            aria-label={t("agent.search")}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        </>
      }
    >
      <AgentTable rows={shown} />
    </Panel>
  );
}
