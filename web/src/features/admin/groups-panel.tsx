/** Groups of agents, and when they are open. */
import { Select, Switch } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "@/components/data-table";
import { AnnouncementSelect } from "@/components/announcement-select";
import { useAgents, useCalendars, useGroups, useSaveGroup, type Group } from "./api/routing";
import { Editing, FormFrame } from "./editing";
import { NameField } from "./name-field";
import { isTaken } from "./taken";
import { LoadInput, NEW_LOAD, wholeLoad } from "./load-input";

export function GroupsPanel() {
  const { t } = useTranslation("admin");
  const groups = useGroups();
  const agents = useAgents();
  const columns = useMemo<Column<Group>[]>(
    () => [
      { key: "name", title: t("name"), sort: (row) => row.name, cell: (row) => row.name },
      { key: "open", title: t("state"), cell: (row) => t(`terms:groupCause.${row.cause}`) },
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

function useCalendarNames() {
  const calendars = useCalendars();
  return (calendars.data ?? []).map((one) => ({ value: one.calendar_id, label: one.name }));
}

function GroupForm({ group, onSaved }: { group: Group | null; onSaved: () => void }) {
  const { t } = useTranslation("admin");
  const [name, setName] = useState(group?.name ?? "");
  const [open, setOpen] = useState(group?.open ?? true);
  const [calendar, setCalendar] = useState(group?.times?.calendar_id ?? null);
  const [load, setLoad] = useState(() => wholeLoad(group?.times?.load));
  const [announcement, setAnnouncement] = useState(group?.announcement_id ?? null);
  const calendars = useCalendarNames();
  const taken = isTaken(useGroups().data, group?.name, name);
  const save = useSaveGroup(group?.group_id ?? null);
  const submit = () =>
    save.mutate(
      {
        name: name.trim(),
        open,
        times: { calendar_id: calendar, load },
        announcement_id: announcement ?? "",
      },
      { onSuccess: onSaved },
    );
  return (
    <FormFrame pending={save.isPending} disabled={taken} onSubmit={submit}>
      <NameField value={name} taken={taken} onChange={setName} />
      <Select
        label={t("group.calendar")}
        description={t("group.calendarNote")}
        placeholder={t("group.always")}
        clearable
        data={calendars}
        value={calendar}
        onChange={setCalendar}
      />
      <AnnouncementSelect
        label={t("group.announcement")}
        description={t("group.announcementNote")}
        placeholder={t("group.nothing")}
        value={announcement}
        onChange={setAnnouncement}
      />
      <Switch
        label={t("group.load")}
        description={t("group.loadNote")}
        checked={load !== null}
        onChange={(event) => setLoad(event.currentTarget.checked ? NEW_LOAD : null)}
      />
      {load && <LoadInput label={t("group.loadWhen")} value={load} onChange={setLoad} />}
      <Switch
        label={t("group.openNote")}
        checked={open}
        onChange={(event) => setOpen(event.currentTarget.checked)}
      />
    </FormFrame>
  );
}
