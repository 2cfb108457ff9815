/** Groups of agents. */
import { Switch, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "@/components/data-table";
import { useAgents, useGroups, useSaveGroup, type Group } from "./api/routing";
import { Editing, FormFrame } from "./editing";

export function GroupsPanel() {
  const { t } = useTranslation("admin");
  const groups = useGroups();
  const agents = useAgents();
  const columns = useMemo<Column<Group>[]>(
    () => [
      { key: "name", title: t("name"), sort: (row) => row.name, cell: (row) => row.name },
      { key: "open", title: t("state"), cell: (row) => (row.open ? t("open") : t("closed")) },
      {
        key: "agents",
        title: t("group.agents"),
        number: true,
        cell: (row) =>
          agents.data?.filter((agent) => agent.group_ids?.includes(row.group_id)).length ?? "",
      },
    ],
    [t, agents.data],
  );
  return (
    <Editing
      title={t("part.groups")}
      addLabel={t("group.add")}
      columns={columns}
      rows={groups.data}
      rowKey={(row) => row.group_id}
      form={(row, close) => <GroupForm group={row} onSaved={close} />}
    />
  );
}

function GroupForm({ group, onSaved }: { group: Group | null; onSaved: () => void }) {
  const { t } = useTranslation("admin");
  const [name, setName] = useState(group?.name ?? "");
  const [open, setOpen] = useState(group?.open ?? true);
  const save = useSaveGroup(group?.group_id ?? null);
  return (
    <FormFrame
      pending={save.isPending}
      disabled={name.trim() === ""}
      onSubmit={() => save.mutate({ name: name.trim(), open }, { onSuccess: onSaved })}
    >
      <TextInput
        label={t("name")}
        required
        maxLength={80}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Switch
        label={t("group.openNote")}
        checked={open}
        onChange={(event) => setOpen(event.currentTarget.checked)}
      />
    </FormFrame>
  );
}
