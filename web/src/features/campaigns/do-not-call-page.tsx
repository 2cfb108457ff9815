/** Numbers that nobody may dial: find, add, upload, take off with a reason; what was taken off. */
import { Button, Group, Select, SegmentedControl, TextInput } from "@mantine/core";
import { IconPlus, IconSearch, IconUpload } from "@tabler/icons-react";
import { useMemo, useState, type ComponentProps } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "@/components/data-table";
import { PageFrame } from "@/components/page-frame";
import { Panel } from "@/components/panel";
import { useSearchQuery, type SearchQuery } from "@/lib/search-query";
import { hasRole, useMe } from "@/lib/session";
import { useTexts } from "@/lib/use-texts";
import {
  useDoNotCall,
  useDoNotCallRemoved,
  type DoNotCall,
  type DoNotCallRemoved,
  type Search,
} from "./api/do-not-call";
import { BackNote } from "./back-note";
import { useCampaignChoices } from "./campaign-choice";
import { AddDoNotCall, RemoveDoNotCall, UploadDoNotCall } from "./do-not-call-changes";
import { FoundTable } from "./found-table";
import { removeColumn } from "./remove-column";

/** In the address, the entries for every campaign. */
const FOR_ALL = "all";

type Asked = "add" | "upload" | DoNotCall | null;

export function DoNotCallPage() {
  const { t } = useTranslation("campaigns");
  const search = useSearchQuery();
  const [asked, setAsked] = useState<Asked>(null);
  const me = useMe();
  const mayChange = hasRole(me, ["manager", "admin"]);
  const removed = search.get("shown") === "removed";
  const scope = search.get("scope");
  const query: Search = {
    q: search.q,
    page: search.page,
    ...(scope === "" ? {} : { campaign_id: scope === FOR_ALL ? "" : scope }),
  };
  const close = () => setAsked(null);
  return (
    <PageFrame
      title={t("doNotCall.title")}
      note={<BackNote note={t("doNotCall.note")} />}
      actions={
        <>
          {mayChange && (
            <Button
              variant="default"
              leftSection={<IconUpload size={18} />}
              onClick={() => setAsked("upload")}
            >
              {t("doNotCall.upload")}
            </Button>
          )}
          <Button leftSection={<IconPlus size={18} />} onClick={() => setAsked("add")}>
            {t("doNotCall.addTitle")}
          </Button>
        </>
      }
    >
      <Panel
        flush
        title={t(removed ? "doNotCall.tabs.removed" : "doNotCall.tabs.list")}
        actions={<Filters search={search} />}
      >
        {removed ? (
          <RemovedEntries query={query} onTurn={search.turnTo} />
        ) : (
          <Entries query={query} onTurn={search.turnTo} onRemove={mayChange ? setAsked : null} />
        )}
      </Panel>
      <AddDoNotCall opened={asked === "add"} onClose={close} />
      <UploadDoNotCall opened={asked === "upload"} onClose={close} />
      <RemoveDoNotCall entry={typeof asked === "object" ? asked : null} onClose={close} />
    </PageFrame>
  );
}

function Filters({ search }: { search: SearchQuery }) {
  const { t } = useTranslation("campaigns");
  const choices = useCampaignChoices();
  return (
    <Group gap="xs" wrap="nowrap">
      <SegmentedControl
        size="xs"
        value={search.get("shown") || "list"}
        onChange={(value) => search.set("shown", value === "list" ? "" : value)}
        data={(["list", "removed"] as const).map((value) => ({
          value,
          label: t(`doNotCall.tabs.${value}`),
        }))}
      />
      <Select
        size="xs"
        w={170}
        aria-label={t("doNotCall.scope")}
        placeholder={t("doNotCall.anyScope")}
        clearable
        searchable
        data={[{ value: FOR_ALL, label: t("doNotCall.everywhere") }, ...choices]}
        value={search.get("scope") || null}
        onChange={(value) => search.set("scope", value ?? "")}
      />
      <TextInput
        size="xs"
        type="search"
        leftSection={<IconSearch size={14} />}
        placeholder={t("doNotCall.search")}
        aria-label={t("doNotCall.search")}
        value={search.typed}
        onChange={(event) => search.type(event.currentTarget.value)}
      />
    </Group>
  );
}

interface EntriesProps {
  query: Search;
  onTurn: (page: number) => void;
}

function Entries({ query, onTurn, onRemove }: EntriesProps & { onRemove: Chosen | null }) {
  const { t } = useTranslation("campaigns");
  const found = useDoNotCall(query);
  const common = useEntryColumns<DoNotCall>();
  const columns = useMemo(
    () =>
      onRemove === null
        ? common
        : [
            ...common,
            removeColumn<DoNotCall>(
              (row) => t("doNotCall.remove", { number: row.number }),
              onRemove,
            ),
          ],
    [t, common, onRemove],
  );
  return <Found found={found} columns={columns} query={query} onTurn={onTurn} />;
}

type Chosen = (entry: DoNotCall) => void;

function RemovedEntries({ query, onTurn }: EntriesProps) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const found = useDoNotCallRemoved(query);
  const common = useEntryColumns<DoNotCallRemoved>();
  const columns = useMemo<Column<DoNotCallRemoved>[]>(
    () => [
      ...common,
      {
        key: "removedAt",
        title: t("doNotCall.removedAt"),
        cell: (row) => texts.instant(row.removed_at),
      },
      { key: "removedBy", title: t("doNotCall.removedBy"), cell: (row) => row.removed_by_name },
      { key: "why", title: t("doNotCall.removedReason"), cell: (row) => row.removed_reason },
    ],
    [t, texts, common],
  );
  return <Found found={found} columns={columns} query={query} onTurn={onTurn} />;
}

interface FoundProps<R> extends EntriesProps {
  found: ComponentProps<typeof FoundTable<R>>["found"];
  columns: Column<R>[];
}

function Found<R extends DoNotCall>({ found, columns, query, onTurn }: FoundProps<R>) {
  const { t } = useTranslation("campaigns");
  const searched = query.q !== "" || query.campaign_id !== undefined;
  return (
    <FoundTable
      label={t("doNotCall.title")}
      columns={columns}
      found={found}
      rowKey={(row) => row.entry_id}
      empty={t(searched ? "doNotCall.none" : "doNotCall.empty")}
      page={query.page}
      onTurn={onTurn}
    />
  );
}

const KNOWN_REASONS: Record<string, string> = {
  disposition: "dispositionReason",
  key_pressed: "keyReason",
};

function useEntryColumns<R extends DoNotCall>(): Column<R>[] {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const choices = useCampaignChoices();
  return useMemo(() => {
    const names = new Map(choices.map((choice) => [choice.value, choice.label]));
    const reason = (code: string) => {
      const known = KNOWN_REASONS[code];
      return known ? t(`doNotCall.${known}`) : code;
    };
    return [
      { key: "number", title: t("doNotCall.number"), cell: (row) => row.number },
      {
        key: "scope",
        title: t("doNotCall.scope"),
        cell: (row) =>
          row.campaign_id
            ? (names.get(row.campaign_id) ?? t("doNotCall.unknownCampaign"))
            : t("doNotCall.everywhere"),
      },
      { key: "reason", title: t("doNotCall.reason"), cell: (row) => reason(row.reason) },
      { key: "at", title: t("doNotCall.addedAt"), cell: (row) => texts.instant(row.added_at) },
      { key: "by", title: t("doNotCall.addedBy"), cell: (row) => row.added_by_name },
    ];
  }, [t, texts, choices]);
}
