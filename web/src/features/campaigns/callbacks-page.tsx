/** Promised calls: which are due or overdue; move one, give it to another agent, give it up. */
import { ActionIcon, Badge, Group, SegmentedControl, Select, Text, Tooltip } from "@mantine/core";
import { IconEdit, IconPhoneOff, IconPlayerPause } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "@/components/data-table";
import { PageFrame } from "@/components/page-frame";
import { Panel } from "@/components/panel";
import { useRows, useTopic } from "@/lib/live";
import { useSearchQuery, type SearchQuery } from "@/lib/search-query";
import { useTexts } from "@/lib/use-texts";
import { useCallbacks, type Callback } from "./api/callbacks";
import { BackNote } from "./back-note";
import { useCampaignChoices } from "./campaign-choice";
import { CancelCallback, MoveCallback } from "./callback-changes";
import { FoundTable } from "./found-table";

/** In the address, the promises that anybody may keep. */
const ANYBODY = "anybody";

type Asked = { what: "move" | "cancel"; callback: Callback } | null;

export function CallbacksPage() {
  const { t } = useTranslation("campaigns");
  useTopic("floor");
  const search = useSearchQuery();
  const [asked, setAsked] = useState<Asked>(null);
  const agent = search.get("agent");
  const overdue = search.get("shown") === "overdue";
  const narrowed = overdue || agent !== "" || search.get("campaign") !== "";
  const found = useCallbacks({
    page: search.page,
    overdue,
    ...(search.get("campaign") === "" ? {} : { campaign_id: search.get("campaign") }),
    ...(agent === "" ? {} : { agent_id: agent === ANYBODY ? "" : agent }),
  });
  const columns = useColumns(setAsked);
  const close = () => setAsked(null);
  return (
    <PageFrame title={t("callbacks.title")} note={<BackNote note={t("callbacks.note")} />}>
      <Panel
        flush
        title={t(overdue ? "callbacks.onlyOverdue" : "callbacks.all")}
        actions={<Filters search={search} />}
      >
        <FoundTable
          label={t("callbacks.title")}
          columns={columns}
          found={found}
          rowKey={(row) => row.contact_id}
          empty={t(narrowed ? "callbacks.none" : "callbacks.empty")}
          page={search.page}
          onTurn={search.turnTo}
        />
      </Panel>
      <MoveCallback callback={asked?.what === "move" ? asked.callback : null} onClose={close} />
      <CancelCallback callback={asked?.what === "cancel" ? asked.callback : null} onClose={close} />
    </PageFrame>
  );
}

function Filters({ search }: { search: SearchQuery }) {
  const { t } = useTranslation("campaigns");
  const campaigns = useCampaignChoices();
  const agents = useRows("floor", "agent");
  return (
    <Group gap="xs" wrap="nowrap">
      <SegmentedControl
        size="xs"
        value={search.get("shown") || "all"}
        onChange={(value) => search.set("shown", value === "all" ? "" : value)}
        data={[
          { value: "all", label: t("callbacks.all") },
          { value: "overdue", label: t("callbacks.onlyOverdue") },
        ]}
      />
      <Select
        size="xs"
        w={160}
        aria-label={t("callbacks.campaign")}
        placeholder={t("callbacks.anyCampaign")}
        clearable
        searchable
        data={campaigns}
        value={search.get("campaign") || null}
        onChange={(value) => search.set("campaign", value ?? "")}
      />
      <Select
        size="xs"
        w={160}
        aria-label={t("callbacks.agent")}
        placeholder={t("callbacks.anyAgent")}
        clearable
        searchable
        data={[
          { value: ANYBODY, label: t("callbacks.anybody") },
          ...agents.map((row) => ({ value: row.id, label: row.name })),
        ]}
        value={search.get("agent") || null}
        onChange={(value) => search.set("agent", value ?? "")}
      />
    </Group>
  );
}

function useColumns(onAsk: (asked: Asked) => void): Column<Callback>[] {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const campaigns = useRows("floor", "campaign");
  return useMemo(() => {
    const known = new Map(campaigns.map((row) => [row.id, row]));
    return [
      {
        key: "at",
        title: t("callbacks.when"),
        cell: (row) => (
          <Group gap={8} wrap="nowrap">
            {texts.instant(row.at)}
            {row.calling ? (
              <Badge size="sm" tt="none" variant="light">
                {t("callbacks.calling")}
              </Badge>
            ) : (
              row.overdue && (
                <Badge size="sm" tt="none" color="red" variant="light">
                  {t("callbacks.overdue")}
                </Badge>
              )
            )}
          </Group>
        ),
      },
      {
        key: "who",
        title: t("callbacks.who"),
        cell: (row) => (
          <Text span inherit>
            {row.name}{" "}
            <Text span inherit c="dimmed">
              {row.number}
            </Text>
          </Text>
        ),
      },
      {
        key: "campaign",
        title: t("callbacks.campaign"),
        cell: (row) => (
          <Group gap={6} wrap="nowrap">
            {known.get(row.campaign_id)?.name}
            {known.get(row.campaign_id)?.state !== "running" && (
              <Tooltip label={t("callbacks.stopped")}>
                <IconPlayerPause size={14} aria-label={t("callbacks.stopped")} />
              </Tooltip>
            )}
          </Group>
        ),
      },
      {
        key: "agent",
        title: t("callbacks.agent"),
        cell: (row) => (row.agent_id ? row.agent_name : t("callbacks.anybody")),
      },
      { key: "note", title: t("callbacks.about"), cell: (row) => row.note },
      {
        key: "change",
        title: "",
        number: true,
        cell: (row) => (
          <Group gap={4} wrap="nowrap" justify="flex-end">
            <ActionIcon
              variant="subtle"
              color="gray"
              disabled={row.calling}
              aria-label={t("callbacks.move", { name: row.name || row.number })}
              onClick={() => onAsk({ what: "move", callback: row })}
            >
              <IconEdit size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              disabled={row.calling}
              aria-label={t("callbacks.cancel", { name: row.name || row.number })}
              onClick={() => onAsk({ what: "cancel", callback: row })}
            >
              <IconPhoneOff size={16} />
            </ActionIcon>
          </Group>
        ),
      },
    ];
  }, [t, texts, campaigns, onAsk]);
}
