/** Calendars: opening hours by the week, holidays, special days, and when they change next. */
import { Alert, Badge, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "@/components/data-table";
import { RemoveButton } from "@/components/remove-button";
import {
  useCalendars,
  usePreview,
  useRemoveCalendar,
  useSaveCalendar,
  type Calendar,
  type CalendarNew,
} from "./api/calendars";
import { HolidaysInput, SpecialDaysInput, WeekInput } from "./calendar-days";
import { Editing, FILLED, FormFrame } from "./editing";

export function CalendarsPanel() {
  const { t } = useTranslation("admin");
  const calendars = useCalendars();
  const columns = useMemo<Column<Calendar>[]>(
    () => [
      { key: "name", title: t("name"), sort: (row) => row.name, cell: (row) => row.name },
      { key: "zone", title: t("calendar.zone"), cell: (row) => row.time_zone },
      {
        key: "now",
        title: t("calendar.now"),
        cell: (row) => <OpenBadge open={row.open_now} />,
      },
      {
        key: "next",
        title: t("calendar.next"),
        cell: (row) => <Changes changes={row.changes.slice(0, 1)} zone={row.time_zone} />,
      },
    ],
    [t],
  );
  return (
    <Editing
      title={t("part.calendars")}
      addLabel={t("calendar.add")}
      columns={columns}
      rows={calendars.data}
      empty={t("calendar.empty")}
      rowKey={(row) => row.calendar_id}
      size="lg"
      form={(row, close) => <CalendarForm calendar={row} onSaved={close} />}
    />
  );
}

function fresh(): CalendarNew {
  const days = [0, 1, 2, 3, 4];
  return {
    name: "",
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    week: days.map((day) => ({ day, start_min: 540, end_min: 1080 })),
    special: [],
    holidays: [],
  };
}

function draftOf(calendar: Calendar | null): CalendarNew {
  if (calendar === null) return fresh();
  const { name, time_zone, week, special, holidays } = calendar;
  return { name, time_zone, week: week ?? [], special: special ?? [], holidays: holidays ?? [] };
}

interface CalendarFormProps {
  calendar: Calendar | null;
  onSaved: () => void;
}

function CalendarForm({ calendar, onSaved }: CalendarFormProps) {
  const { t } = useTranslation("admin");
  const [draft, setDraft] = useState(() => draftOf(calendar));
  const put = (change: Partial<CalendarNew>) => setDraft((before) => ({ ...before, ...change }));
  const save = useSaveCalendar(calendar?.calendar_id ?? null);
  const remove = useRemoveCalendar();
  const preview = usePreview(draft);
  const faults = preview.data?.faults ?? [];
  return (
    <FormFrame
      pending={save.isPending}
      disabled={faults.length > 0}
      onSubmit={() => save.mutate({ ...draft, name: draft.name.trim() }, { onSuccess: onSaved })}
    >
      <TextInput
        label={t("name")}
        {...FILLED}
        maxLength={80}
        value={draft.name}
        onChange={(event) => put({ name: event.currentTarget.value })}
      />
      <Select
        label={t("calendar.zone")}
        description={t("calendar.zoneNote")}
        searchable
        allowDeselect={false}
        data={zones(draft.time_zone)}
        value={draft.time_zone}
        onChange={(zone) => put({ time_zone: zone ?? draft.time_zone })}
      />
      <WeekInput value={draft.week ?? []} onChange={(week) => put({ week })} />
      <HolidaysInput value={draft.holidays ?? []} onChange={(holidays) => put({ holidays })} />
      <SpecialDaysInput value={draft.special ?? []} onChange={(special) => put({ special })} />
      {faults.map((fault) => (
        <Alert key={fault} color="red">
          {t(`errors:calendar_${fault}`)}
        </Alert>
      ))}
      {preview.data && faults.length === 0 && (
        <Stack gap={4}>
          <Group gap="xs">
            <Text size="sm">{t("calendar.now")}</Text>
            <OpenBadge open={preview.data.open_now ?? false} />
          </Group>
          <Changes changes={preview.data.changes ?? []} zone={draft.time_zone} />
        </Stack>
      )}
      {calendar !== null && (
        <RemoveButton
          label={t("calendar.remove")}
          name={calendar.name}
          pending={remove.isPending}
          onRemove={() => remove.mutate(calendar.calendar_id, { onSuccess: onSaved })}
        />
      )}
    </FormFrame>
  );
}

function OpenBadge({ open }: { open: boolean }) {
  const { t } = useTranslation("admin");
  return (
    <Badge color={open ? "green" : "gray"} variant="light" tt="none">
      {t(open ? "calendar.openNow" : "calendar.closedNow")}
    </Badge>
  );
}

interface ChangesProps {
  changes: readonly { at: string; open: boolean }[];
  zone: string;
}

/** When it opens and closes next, by the clock of the calendar's zone. */
function Changes({ changes, zone }: ChangesProps) {
  const { t, i18n } = useTranslation("admin");
  if (changes.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t("calendar.never")}
      </Text>
    );
  const format = new Intl.DateTimeFormat(i18n.language, {
    weekday: "short",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: zone,
  });
  return changes.map((change) => (
    <Text key={change.at} size="sm" c="dimmed">
      {format.format(new Date(change.at))} {t(change.open ? "calendar.opens" : "calendar.closes")}
    </Text>
  ));
}

function zones(own: string): string[] {
  const all = Intl.supportedValuesOf("timeZone");
  return [...new Set([own, "UTC", ...all])].sort();
}
