/** The contacts of a campaign, page by page; one opened says why it is not dialled. */
import { Badge, Group, Loader, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCheck, IconLock, IconSearch } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "@/components/data-table";
import { Panel } from "@/components/panel";
import type { components } from "@/generated/api";
import { useCodeLabel } from "@/lib/codes";
import { useTexts } from "@/lib/use-texts";
import { useContactBlocked, useContacts } from "./api/campaigns";
import { Consent } from "./consent";
import { FoundTable } from "./found-table";

type Contact = components["schemas"]["ContactOut"];

function useColumns(): Column<Contact>[] {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const label = useCodeLabel("disposition");
  return useMemo(
    () => [
      {
        key: "number",
        title: t("contact.number"),
        cell: (row) =>
          row.numbers.length > 1
            ? t("contact.moreNumbers", { number: row.number, more: row.numbers.length - 1 })
            : row.number,
      },
      { key: "name", title: t("contact.name"), cell: (row) => row.name },
      {
        key: "state",
        title: t("contact.state"),
        cell: (row) => (
          <Badge variant={row.state === "done" ? "default" : "light"} tt="none" fw={500}>
            {t(`contact.states.${row.state}`)}
          </Badge>
        ),
      },
      { key: "attempts", title: t("contact.attempts"), number: true, cell: (row) => row.attempts },
      {
        key: "outcome",
        title: t("contact.outcome"),
        cell: (row) => (row.last_outcome ? t(`terms:outcome.${row.last_outcome}`) : ""),
      },
      {
        key: "disposition",
        title: t("contact.disposition"),
        cell: (row) => (row.disposition === "" ? "" : label(row.disposition)),
      },
      {
        key: "last",
        title: t("contact.last"),
        number: true,
        cell: (row) => (row.last_at ? texts.instant(row.last_at) : ""),
      },
      {
        key: "next",
        title: t("contact.next"),
        number: true,
        cell: (row) => (row.next_at && row.state === "open" ? texts.instant(row.next_at) : ""),
      },
    ],
    [t, texts, label],
  );
}

export function ContactList({ campaignId }: { campaignId: string }) {
  const { t } = useTranslation("campaigns");
  const [typed, setTyped] = useState("");
  const [q] = useDebouncedValue(typed, 300);
  const [page, setPage] = useState(1);
  const [opened, setOpened] = useState<Contact | null>(null);
  const contacts = useContacts(campaignId, q, page);
  const columns = useColumns();
  const texts = useTexts();
  return (
    <Panel
      flush
      title={
        contacts.data
          ? t("contact.total", { total: texts.number(contacts.data.total) })
          : t("tab.contacts")
      }
      actions={
        <TextInput
          size="xs"
          leftSection={<IconSearch size={14} />}
          placeholder={t("contact.search")}
          aria-label={t("contact.search")}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setPage(1);
          }}
        />
      }
    >
      <FoundTable
        label={t("tab.contacts")}
        columns={columns}
        found={contacts}
        rowKey={(row) => row.contact_id}
        onOpen={setOpened}
        minWidth={760}
        empty={t(q === "" ? "contact.empty" : "contact.none")}
        page={page}
        onTurn={setPage}
      />
      <Modal
        opened={opened !== null}
        onClose={() => setOpened(null)}
        title={opened ? `${opened.name} ${opened.number}` : ""}
      >
        {opened && (
          <Stack>
            <Promised contact={opened} />
            <Numbers contact={opened} />
            <Gates contactId={opened.contact_id} />
            <Consent
              campaignId={campaignId}
              contact={
                contacts.data?.rows.find((row) => row.contact_id === opened.contact_id) ?? opened
              }
            />
          </Stack>
        )}
      </Modal>
    </Panel>
  );
}

function Promised({ contact }: { contact: Contact }) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  if (!contact.callback_at) return null;
  const at = texts.instant(contact.callback_at);
  return (
    <Text size="sm">
      {t(contact.callback_agent ? "contact.promisedByAgent" : "contact.promised", { at })}
      {contact.callback_note && ` · ${contact.callback_note}`}
    </Text>
  );
}

function Numbers({ contact }: { contact: Contact }) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const blocked = useContactBlocked(contact.contact_id);
  if (contact.numbers.length < 2) return null;
  const stopOf = (number: string) =>
    blocked.data?.numbers.find((each) => each.number === number)?.stopped;
  return (
    <Stack gap={4}>
      {contact.numbers.map((each) => {
        const stopped = stopOf(each.number);
        return (
          <Text key={each.number} size="sm">
            <b>{each.number}</b> · {t(`terms:numberKind.${each.kind}`)} ·{" "}
            {t("contact.numberAttempts", { count: each.attempts })}
            {stopped && ` · ${t(`terms:gate.${stopped.gate}`)}`}
            {stopped?.until && ` ${t("contact.until", { at: texts.instant(stopped.until) })}`}
          </Text>
        );
      })}
    </Stack>
  );
}

function Gates({ contactId }: { contactId: string }) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const blocked = useContactBlocked(contactId);
  if (!blocked.data) return <Loader size="sm" />;
  return (
    <Stack gap={6}>
      <Text fw={600} size="sm">
        {blocked.data.number} ·{" "}
        {t(blocked.data.dialable ? "contact.dialable" : "contact.notDialable")}
      </Text>
      {blocked.data.gates.map((gate) => (
        <Group key={gate.gate} gap="xs" wrap="nowrap" c={gate.open ? "dimmed" : undefined}>
          {gate.open ? <IconCheck size={16} /> : <IconLock size={16} />}
          <Text size="sm" fw={gate.open ? 400 : 600}>
            {gate.open ? t(`contact.gateOpen.${gate.gate}`) : t(`terms:gate.${gate.gate}`)}
            {gate.until && ` · ${t("contact.until", { at: texts.instant(gate.until) })}`}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
