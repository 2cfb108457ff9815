/** Numbers that nobody may dial: find, add, take off, upload a file. */
import { Anchor, Button, FileButton, Group, Loader, Pagination, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconArrowLeft, IconSearch, IconUpload } from "@tabler/icons-react";
import { useMemo, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { DataTable, type Column } from "@/components/data-table";
import { PageFrame } from "@/components/page-frame";
import { Panel } from "@/components/panel";
import { hasRole, useMe } from "@/lib/session";
import { useTexts } from "@/lib/use-texts";
import {
  useAddDoNotCall,
  useDoNotCall,
  useRemoveDoNotCall,
  useUploadDoNotCall,
  type DoNotCall,
} from "./api/do-not-call";
import { removeColumn } from "./remove-column";

export function DoNotCallPage() {
  const { t } = useTranslation("campaigns");
  const [typed, setTyped] = useState("");
  const [q] = useDebouncedValue(typed, 300);
  const [page, setPage] = useState(1);
  const entries = useDoNotCall(q, page);
  const mayChange = hasRole(useMe(), ["manager", "admin"]);
  const columns = useColumns(mayChange);
  const pages = entries.data ? Math.ceil(entries.data.total / entries.data.page_size) : 0;
  return (
    <PageFrame
      title={t("doNotCall.title")}
      note={
        <Anchor component={Link} to="/campaigns" size="sm">
          <Group gap={4} component="span">
            <IconArrowLeft size={14} /> {t("title")}
          </Group>
        </Anchor>
      }
      actions={mayChange && <UploadButton />}
    >
      <Panel
        flush
        title={t("doNotCall.note")}
        actions={
          <Group gap="xs" wrap="nowrap">
            <AddForm />
            <TextInput
              size="xs"
              leftSection={<IconSearch size={14} />}
              placeholder={t("doNotCall.search")}
              aria-label={t("doNotCall.search")}
              value={typed}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
                setPage(1);
              }}
            />
          </Group>
        }
      >
        <DataTable
          label={t("doNotCall.title")}
          columns={columns}
          rows={entries.data?.rows ?? []}
          rowKey={(row) => row.entry_id}
          empty={entries.isPending ? <Loader size="sm" /> : t("doNotCall.none")}
        />
        {pages > 1 && (
          <Group justify="center" py="sm">
            <Pagination value={page} onChange={setPage} total={pages} size="sm" />
          </Group>
        )}
      </Panel>
    </PageFrame>
  );
}

function useColumns(mayChange: boolean): Column<DoNotCall>[] {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const { mutate } = useRemoveDoNotCall();
  return useMemo(() => {
    const columns: Column<DoNotCall>[] = [
      { key: "number", title: t("contact.number"), cell: (row) => row.number },
      {
        key: "scope",
        title: t("doNotCall.scope"),
        cell: (row) => (row.campaign_id ? t("doNotCall.oneCampaign") : t("doNotCall.everywhere")),
      },
      { key: "reason", title: t("doNotCall.reason"), cell: (row) => row.reason },
      { key: "at", title: t("doNotCall.addedAt"), cell: (row) => texts.instant(row.added_at) },
    ];
    if (mayChange)
      columns.push(
        removeColumn(
          (row) => t("doNotCall.remove", { number: row.number }),
          (row) => mutate(row.entry_id),
        ),
      );
    return columns;
  }, [t, texts, mayChange, mutate]);
}

function AddForm() {
  const { t } = useTranslation("campaigns");
  const add = useAddDoNotCall();
  const [number, setNumber] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate({ number: number.trim() }, { onSuccess: () => setNumber("") });
  };
  return (
    <form onSubmit={submit}>
      <Group gap={6} wrap="nowrap">
        <TextInput
          size="xs"
          placeholder="+4930123456"
          aria-label={t("contact.number")}
          value={number}
          onChange={(event) => setNumber(event.currentTarget.value)}
        />
        <Button type="submit" size="xs" disabled={number.trim().length < 3} loading={add.isPending}>
          {t("doNotCall.add")}
        </Button>
      </Group>
    </form>
  );
}

function UploadButton() {
  const { t } = useTranslation("campaigns");
  const send = useUploadDoNotCall();
  const done = (result: { added: number; duplicates: number; rejected: number }) =>
    notifications.show({ message: t("doNotCall.uploaded", { ...result }) });
  return (
    <FileButton
      accept=".csv,.txt,text/csv"
      onChange={(file) => file && send.mutate(file, { onSuccess: done })}
    >
      {(props) => (
        <Button
          {...props}
          variant="default"
          loading={send.isPending}
          leftSection={<IconUpload size={18} />}
        >
          {t("doNotCall.upload")}
        </Button>
      )}
    </FileButton>
  );
}
