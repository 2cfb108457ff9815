/** Days on which nobody of a region is called: see, add, take off. */
import { Button, Group, Loader, TextInput } from "@mantine/core";
import { useMemo, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Confirm } from "@/components/confirm";
import { DataTable, type Column } from "@/components/data-table";
import { PageFrame } from "@/components/page-frame";
import { Panel } from "@/components/panel";
import { hasRole, useMe } from "@/lib/session";
import { useAddHoliday, useHolidays, useRemoveHoliday, type Holiday } from "./api/holidays";
import { BackNote } from "./back-note";
import { RemoveIcon } from "./remove-column";

const REGION = /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/;

export function HolidaysPage() {
  const { t } = useTranslation("campaigns");
  const holidays = useHolidays();
  const mayChange = hasRole(useMe(), ["manager", "admin"]);
  const columns = useColumns(mayChange);
  return (
    <PageFrame title={t("holidays.title")} note={<BackNote note={t("holidays.note")} />}>
      <Panel flush title={t("holidays.title")} actions={mayChange && <AddForm />}>
        <DataTable
          label={t("holidays.title")}
          columns={columns}
          rows={holidays.data ?? []}
          rowKey={(row) => row.holiday_id}
          empty={holidays.isPending ? <Loader size="sm" /> : t("holidays.none")}
        />
      </Panel>
    </PageFrame>
  );
}

function useColumns(mayChange: boolean): Column<Holiday>[] {
  const { t, i18n } = useTranslation("campaigns");
  const { mutate } = useRemoveHoliday();
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(i18n.language, { dateStyle: "full", timeZone: "UTC" });
    const columns: Column<Holiday>[] = [
      { key: "day", title: t("holidays.day"), cell: (row) => format.format(new Date(row.day)) },
      { key: "region", title: t("holidays.region"), cell: (row) => row.region },
      { key: "name", title: t("holidays.name"), cell: (row) => row.name },
    ];
    if (mayChange)
      columns.push({
        key: "remove",
        title: "",
        number: true,
        cell: (row) => (
          <Confirm
            text={t("holidays.removeNote", { day: row.day, region: row.region })}
            action={t("common:action.remove")}
            onConfirm={() => mutate(row.holiday_id)}
          >
            {(ask) => <RemoveIcon label={t("holidays.remove", { day: row.day })} onClick={ask} />}
          </Confirm>
        ),
      });
    return columns;
  }, [t, i18n.language, mayChange, mutate]);
}

function AddForm() {
  const { t } = useTranslation("campaigns");
  const add = useAddHoliday();
  const [day, setDay] = useState("");
  const [region, setRegion] = useState("US");
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ day, region, name: name.trim() }, { onSuccess: () => setName("") });
  };
  return (
    <form onSubmit={submit}>
      <Group gap={6} wrap="nowrap">
        <TextInput
          size="xs"
          type="date"
          aria-label={t("holidays.day")}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
        />
        <TextInput
          size="xs"
          w={80}
          placeholder="US-LA"
          aria-label={t("holidays.region")}
          title={t("holidays.regionNote")}
          error={!REGION.test(region)}
          value={region}
          onChange={(event) => setRegion(event.currentTarget.value.toUpperCase().trim())}
        />
        <TextInput
          size="xs"
          placeholder={t("holidays.name")}
          aria-label={t("holidays.name")}
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button
          type="submit"
          size="xs"
          disabled={day === "" || name.trim() === "" || !REGION.test(region)}
          loading={add.isPending}
        >
          {t("doNotCall.add")}
        </Button>
      </Group>
    </form>
  );
}
