/** Mailboxes: how they are read and answered from, how they are doing, what became of each mail. */
import {
  Anchor,
  Divider,
  Loader,
  NumberInput,
  PasswordInput,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { DataTable, type Column } from "@/components/data-table";
import { Figure } from "@/components/figure";
import { reasonText } from "@/lib/errors";
import { useTexts } from "@/lib/use-texts";
import { useEntryPoints } from "./api/routing";
import {
  useLedger,
  useMailboxes,
  useSaveMailbox,
  type LedgerLine,
  type Mailbox,
  type MailboxNew,
} from "./api/connections";
import { Editing, FILLED, FormFrame } from "./editing";

export function MailboxesPanel() {
  const { t } = useTranslation("admin");
  const mailboxes = useMailboxes();
  const texts = useTexts();
  const columns = useMemo<Column<Mailbox>[]>(
    () => [
      { key: "name", title: t("name"), sort: (row) => row.name, cell: (row) => row.name },
      { key: "address", title: t("mailbox.address"), cell: (row) => row.address },
      {
        key: "state",
        title: t("state"),
        cell: (row) => <MailboxState mailbox={row} />,
      },
      ...(["imported", "duplicates", "quarantined"] as const).map((key) => ({
        key,
        title: t(`mailbox.${key}`),
        number: true,
        cell: (row: Mailbox) => (
          <Figure concern={key === "quarantined" && row[key] > 0 ? "soon" : "none"}>
            {texts.number(row[key])}
          </Figure>
        ),
      })),
    ],
    [t, texts],
  );
  return (
    <Editing
      title={t("part.mailboxes")}
      addLabel={t("mailbox.add")}
      columns={columns}
      rows={mailboxes.data}
      rowKey={(row) => row.mailbox_id}
      size="xl"
      form={(row, close) => (
        <Stack>
          <MailboxForm mailbox={row} onSaved={close} />
          {row && <Ledger mailboxId={row.mailbox_id} />}
        </Stack>
      )}
    />
  );
}

/** How reading and sending are doing, and what is wrong, in words. */
function MailboxState({ mailbox }: { mailbox: Mailbox }) {
  const { t } = useTranslation("admin");
  if (!mailbox.enabled) return <Figure>{t("off")}</Figure>;
  const down = mailbox.state === "down";
  return (
    <>
      <Figure concern={down ? "now" : "none"}>
        {t(`mailbox.states.${mailbox.state || "new"}`)}
      </Figure>
      {down && <Why reason={mailbox.reason} />}
      {mailbox.sending_state === "down" && (
        <>
          <div>
            <Figure concern="now">{t("mailbox.cannotSend")}</Figure>
          </div>
          <Why reason={mailbox.sending_reason} />
        </>
      )}
    </>
  );
}

function Why({ reason }: { reason: string }) {
  if (reason === "") return null;
  return (
    <Text size="xs" maw={340} style={{ whiteSpace: "normal" }}>
      {reasonText(reason)}
    </Text>
  );
}

type Server = MailboxNew["imap"];

const server = (port: number): Server => ({
  host: "",
  port,
  security: "tls",
  username: "",
  password: null,
});

type Draft = Pick<
  MailboxNew,
  "name" | "address" | "imap" | "smtp" | "entry_point_id" | "display_name" | "signature" | "enabled"
>;

const FRESH: Draft = {
  name: "",
  address: "",
  imap: server(993),
  smtp: server(465),
  entry_point_id: null,
  display_name: "",
  signature: "",
  enabled: true,
};

function draftOf(mailbox: Mailbox | null): Draft {
  if (mailbox === null) return FRESH;
  const { name, address, imap, smtp, entry_point_id, display_name, signature, enabled } = mailbox;
  return { name, address, imap, smtp, entry_point_id, display_name, signature, enabled };
}

function MailboxForm({ mailbox, onSaved }: { mailbox: Mailbox | null; onSaved: () => void }) {
  const { t } = useTranslation("admin");
  const entryPoints = useEntryPoints();
  const [draft, setDraft] = useState(() => draftOf(mailbox));
  const save = useSaveMailbox(mailbox?.mailbox_id ?? null);
  const put = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  return (
    <FormFrame pending={save.isPending} onSubmit={() => save.mutate(draft, { onSuccess: onSaved })}>
      <SimpleGrid cols={2}>
        <TextInput
          label={t("name")}
          {...FILLED}
          value={draft.name}
          onChange={(event) => put({ name: event.currentTarget.value })}
        />
        <TextInput
          label={t("mailbox.address")}
          {...FILLED}
          value={draft.address}
          onChange={(event) => put({ address: event.currentTarget.value })}
        />
        <TextInput
          label={t("mailbox.displayName")}
          value={draft.display_name}
          onChange={(event) => put({ display_name: event.currentTarget.value })}
        />
        <Select
          label={t("mailbox.entryPoint")}
          clearable
          data={(entryPoints.data ?? [])
            .filter((entry) => entry.medium === "email")
            .map((entry) => ({ value: entry.entry_point_id, label: entry.name }))}
          value={draft.entry_point_id ?? null}
          onChange={(value) => put({ entry_point_id: value })}
        />
      </SimpleGrid>
      <ServerPart
        title={t("mailbox.imap")}
        ports={{ tls: 993, starttls: 143, none: 143 }}
        kept={mailbox !== null}
        value={draft.imap}
        onChange={(imap) => put({ imap })}
      />
      <ServerPart
        title={t("mailbox.smtp")}
        ports={{ tls: 465, starttls: 587, none: 25 }}
        kept={mailbox !== null}
        value={draft.smtp}
        onChange={(smtp) => put({ smtp })}
      />
      <Textarea
        label={t("mailbox.signature")}
        autosize
        minRows={2}
        value={draft.signature ?? ""}
        onChange={(event) => put({ signature: event.currentTarget.value })}
      />
      <Switch
        label={t("mailbox.enabled")}
        checked={draft.enabled ?? true}
        onChange={(event) => put({ enabled: event.currentTarget.checked })}
      />
    </FormFrame>
  );
}

type Security = NonNullable<Server["security"]>;

interface ServerPartProps {
  title: string;
  /** The usual port of each kind of security. */
  ports: Record<Security, number>;
  /** A password is stored already. */
  kept: boolean;
  value: Server;
  onChange: (value: Server) => void;
}

const SECURITIES: Security[] = ["tls", "starttls", "none"];

function ServerPart({ title, ports, kept, value, onChange }: ServerPartProps) {
  const { t } = useTranslation("admin");
  const before = value.security ?? "tls";
  // A port that somebody chose stays; the usual one follows the kind of security.
  const protect = (security: Security) =>
    onChange({
      ...value,
      security,
      port: value.port === ports[before] ? ports[security] : value.port,
    });
  return (
    <>
      <Divider label={title} labelPosition="left" />
      <SimpleGrid cols={{ base: 2, sm: 5 }}>
        <TextInput
          label={t("mailbox.host")}
          {...FILLED}
          value={value.host}
          onChange={(event) => onChange({ ...value, host: event.currentTarget.value })}
        />
        <NumberInput
          label={t("trunk.port")}
          min={1}
          max={65535}
          value={value.port}
          onChange={(port) => onChange({ ...value, port: Number(port) })}
        />
        <Select
          label={t("mailbox.security")}
          allowDeselect={false}
          data={SECURITIES.map((one) => ({ value: one, label: t(`mailbox.securities.${one}`) }))}
          value={before}
          onChange={(security) => protect((security ?? "tls") as Security)}
        />
        <TextInput
          label={t("mailbox.user")}
          autoComplete="off"
          value={value.username ?? ""}
          onChange={(event) => onChange({ ...value, username: event.currentTarget.value })}
        />
        <PasswordInput
          label={t("mailbox.password")}
          placeholder={kept ? t("secretNote") : ""}
          autoComplete="new-password"
          value={value.password ?? ""}
          onChange={(event) => onChange({ ...value, password: event.currentTarget.value || null })}
        />
      </SimpleGrid>
    </>
  );
}

function Ledger({ mailboxId }: { mailboxId: string }) {
  const { t } = useTranslation("admin");
  const texts = useTexts();
  const ledger = useLedger(mailboxId);
  const columns = useMemo<Column<LedgerLine>[]>(
    () => [
      { key: "at", title: t("mailbox.at"), cell: (row) => texts.instant(row.at) },
      {
        key: "state",
        title: t("state"),
        cell: (row) => (
          <Figure concern={row.state === "quarantined" ? "soon" : "none"}>
            {t(`mailbox.ledger.${row.state}`)}
          </Figure>
        ),
      },
      { key: "subject", title: t("mailbox.subject"), cell: (row) => row.subject },
      {
        key: "reason",
        title: t("mailbox.reason"),
        cell: (row) => row.reason && t(`mailbox.reasons.${row.reason}`, row.reason),
      },
    ],
    [t, texts],
  );
  return (
    <>
      <Divider label={t("mailbox.ledgerTitle")} labelPosition="left" />
      {ledger.isError && (
        <Text size="sm" c="dimmed">
          <Anchor component="button" onClick={() => void ledger.refetch()}>
            {t("common:action.retry")}
          </Anchor>
        </Text>
      )}
      <DataTable
        label={t("mailbox.ledgerTitle")}
        columns={columns}
        rows={ledger.data?.lines ?? []}
        rowKey={(row) => String(row.number)}
        empty={ledger.isPending ? <Loader size="sm" /> : undefined}
      />
    </>
  );
}
