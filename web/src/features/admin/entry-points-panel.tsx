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
import { Editing, FormFrame } from "./editing";

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

interface EntryPointFormProps {
  entryPoint: EntryPoint | null;
  onSaved: () => void;
}

function EntryPointForm({ entryPoint, onSaved }: EntryPointFormProps) {
  const { t } = useTranslation("admin");
  const [draft, setDraft] = useState<EntryPointNew>({
    name: entryPoint?.name ?? "",
    medium: entryPoint?.medium ?? "voice",
    address: entryPoint?.address ?? "",
    open: entryPoint?.open ?? true,
  });
  const save = useSaveEntryPoint(entryPoint?.entry_point_id ?? null);
  const put = (change: Partial<EntryPointNew>) => setDraft((before) => ({ ...before, ...change }));
  return (
    <FormFrame
      pending={save.isPending}
      disabled={draft.name.trim() === "" || draft.address.trim() === ""}
      onSubmit={() => save.mutate(draft, { onSuccess: onSaved })}
    >
      <TextInput
        label={t("name")}
        required
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
        onChange={(value) => put({ medium: (value ?? draft.medium) as EntryPoint["medium"] })}
      />
      <TextInput
        label={t("entryPoint.address")}
        description={t(`entryPoint.addressNote.${draft.medium}`)}
        required
        value={draft.address}
        onChange={(event) => put({ address: event.currentTarget.value })}
      />
      <Switch
        label={t("entryPoint.openNote")}
        checked={draft.open ?? true}
        onChange={(event) => put({ open: event.currentTarget.checked })}
      />
    </FormFrame>
  );
}
