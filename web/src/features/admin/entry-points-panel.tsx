/** Entry points: numbers, mailboxes and widgets by which customers reach us. */
import { Select, Switch, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "@/components/data-table";
import {
  useEntryPoints,
  useSaveEntryPoint,
  type EntryPoint,
  type EntryPointNew,
} from "./api/routing";
import { AnnouncementSelect } from "@/components/announcement-select";
import { Editing, FILLED, FormFrame } from "./editing";
import { EntryRulesInput, TopicsInput } from "./entry-rules";
import { rulesOf } from "./topics";

const MEDIA = ["voice", "email", "chat"] as const;

export function EntryPointsPanel() {
  const { t } = useTranslation("admin");
  const entryPoints = useEntryPoints();
  const columns = useMemo<Column<EntryPoint>[]>(
    () => [
      { key: "name", title: t("name"), sort: (row) => row.name, cell: (row) => row.name },
      {
        key: "medium",
        title: t("entryPoint.medium"),
        sort: (row) => row.medium,
        cell: (row) => t(`common:medium.${row.medium}`),
      },
      { key: "address", title: t("entryPoint.address"), cell: (row) => row.address },
      { key: "open", title: t("state"), cell: (row) => (row.open ? t("open") : t("closed")) },
    ],
    [t],
  );
  return (
    <Editing
      title={t("part.entry-points")}
      addLabel={t("entryPoint.add")}
      columns={columns}
      rows={entryPoints.data}
      rowKey={(row) => row.entry_point_id}
      form={(row, close) => <EntryPointForm entryPoint={row} onSaved={close} />}
    />
  );
}

type Draft = Required<EntryPointNew>;

/** What an address looks like: the browser says at the field when one does not. */
const PATTERNS = {
  voice: "\\+?[0-9][0-9 \\(\\).\\-]{2,24}",
  email: undefined,
  chat: "[A-Za-z0-9_\\-]+",
} as const;

const FRESH: Draft = {
  name: "",
  medium: "voice",
  address: "",
  open: true,
  announcement_id: null,
  topics: [],
  rules: [],
};

function draftOf(entryPoint: EntryPoint | null): Draft {
  const known = { ...FRESH, ...entryPoint };
  const { name, medium, address, open, topics, rules } = known;
  return { name, medium, address, open, announcement_id: known.announcement_id, topics, rules };
}

interface EntryPointFormProps {
  entryPoint: EntryPoint | null;
  onSaved: () => void;
}

function EntryPointForm({ entryPoint, onSaved }: EntryPointFormProps) {
  const { t } = useTranslation("admin");
  const [draft, setDraft] = useState(() => draftOf(entryPoint));
  const { topics, rules } = draft;
  const save = useSaveEntryPoint(entryPoint?.entry_point_id ?? null);
  const put = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  return (
    <FormFrame pending={save.isPending} onSubmit={() => save.mutate(draft, { onSuccess: onSaved })}>
      <TextInput
        label={t("name")}
        {...FILLED}
        maxLength={80}
        value={draft.name}
        onChange={(event) => put({ name: event.currentTarget.value })}
      />
      <Select
        label={t("entryPoint.medium")}
        allowDeselect={false}
        disabled={entryPoint !== null}
        data={MEDIA.map((medium) => ({ value: medium, label: t(`common:medium.${medium}`) }))}
        value={draft.medium}
        onChange={(value) =>
          put({ medium: (value ?? draft.medium) as EntryPoint["medium"], topics: [], rules: [] })
        }
      />
      <TextInput
        label={t("entryPoint.address")}
        description={t(`entryPoint.addressNote.${draft.medium}`)}
        title={t(`entryPoint.addressNote.${draft.medium}`)}
        required
        type={draft.medium === "email" ? "email" : "text"}
        pattern={PATTERNS[draft.medium]}
        maxLength={320}
        value={draft.address}
        onChange={(event) => put({ address: event.currentTarget.value })}
      />
      {draft.medium === "voice" && (
        <AnnouncementSelect
          label={t("entryPoint.announcement")}
          value={draft.announcement_id}
          onChange={(id) => put({ announcement_id: id ?? "" })}
        />
      )}
      {draft.medium === "chat" && (
        <TopicsInput
          value={topics}
          onChange={(value) => put({ topics: value, rules: rulesOf(value, rules) })}
        />
      )}
      <EntryRulesInput
        medium={draft.medium}
        topics={topics}
        value={rules}
        onChange={(value) => put({ rules: value })}
      />
      <Switch
        label={t("entryPoint.openNote")}
        checked={draft.open}
        onChange={(event) => put({ open: event.currentTarget.checked })}
      />
    </FormFrame>
  );
}
