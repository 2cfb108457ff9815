/** One ticket: what it is about, its contacts, notes, and who changed what. */
import {
  Alert,
  Anchor,
  Box,
  Button,
  Card,
  Center,
  Group,
  Loader,
  Select,
  Stack,
  Tabs,
  Text,
  Textarea,
  Title,
} from "@mantine/core";
import { IconArrowLeft, IconUser } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { ContactTimeline } from "@/components/contact-timeline";
import { useDraft } from "@/lib/draft";
import { errorText } from "@/lib/errors";
import { instantText } from "@/lib/format";
import { useMe } from "@/lib/session";
import {
  PRIORITIES,
  STATES,
  useAddNote,
  useChangeTicket,
  useTicket,
  type TicketPageData,
  type TicketPriority,
  type TicketState,
} from "./api/tickets";
import { AuditTrail } from "./audit-trail";
import { SubjectField } from "./subject-field";

export function TicketPage() {
  const { ticketId = "" } = useParams();
  const ticket = useTicket(ticketId);
  if (ticket.isError)
    return (
      <Alert color="red" m="xl">
        {errorText(ticket.error)}
      </Alert>
    );
  if (!ticket.data)
    return (
      <Center h={300}>
        <Loader />
      </Center>
    );
  return <Loaded key={ticketId} page={ticket.data} />;
}

function Loaded({ page }: { page: TicketPageData }) {
  const { t } = useTranslation("tickets");
  const { ticket } = page;
  return (
    <Box p="lg" maw={1180} mx="auto">
      <Anchor component={Link} to="/tickets" size="sm">
        <Group gap={4}>
          <IconArrowLeft size={16} aria-hidden />
          {t("back")}
        </Group>
      </Anchor>
      <Group align="flex-start" gap="lg" mt="xs">
        <Stack flex="1 1 480px" miw={0} gap="md">
          <Box>
            <Text size="sm" c="dimmed" className="omni-tabular">
              {t("title", { number: ticket.number })}
            </Text>
            <SubjectField ticketId={ticket.ticket_id} subject={ticket.subject} />
          </Box>
          <Tabs defaultValue="contacts" keepMounted={false}>
            <Tabs.List mb="md">
              <Tabs.Tab value="contacts">
                {t("tab.contacts", { count: page.contacts.length })}
              </Tabs.Tab>
              <Tabs.Tab value="notes">{t("tab.notes", { count: page.notes.length })}</Tabs.Tab>
              <Tabs.Tab value="audit">{t("tab.audit")}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="contacts">
              <ContactTimeline contacts={page.contacts} />
            </Tabs.Panel>
            <Tabs.Panel value="notes">
              <Notes page={page} />
            </Tabs.Panel>
            <Tabs.Panel value="audit">
              <AuditTrail lines={page.audit} />
            </Tabs.Panel>
          </Tabs>
        </Stack>
        <Properties page={page} />
      </Group>
    </Box>
  );
}

function Properties({ page }: { page: TicketPageData }) {
  const { t, i18n } = useTranslation("tickets");
  const me = useMe();
  const { ticket } = page;
  const change = useChangeTicket(ticket.ticket_id);
  return (
    <Card withBorder w={290} style={{ flex: "none" }} padding="md">
      <Stack gap="sm">
        <Select
          label={t("column.state")}
          data={STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
          value={ticket.state}
          allowDeselect={false}
          disabled={change.isPending}
          onChange={(state) => state && change.mutate({ state: state as TicketState })}
        />
        <Select
          label={t("column.priority")}
          data={PRIORITIES.map((value) => ({ value, label: t(`priority.${value}`) }))}
          value={ticket.priority}
          allowDeselect={false}
          disabled={change.isPending}
          onChange={(value) => value && change.mutate({ priority: value as TicketPriority })}
        />
        <Box>
          <Text size="sm" fw={500}>
            {t("owner.title")}
          </Text>
          <Group justify="space-between" mt={4}>
            <Text size="sm" c="dimmed">
              {ticket.owner_id === me.user_id
                ? t("owner.me")
                : t(ticket.owner_id ? "owner.somebody" : "owner.nobody")}
            </Text>
            {ticket.owner_id === me.user_id ? (
              <Button
                size="compact-xs"
                variant="subtle"
                onClick={() => change.mutate({ owner_id: "" })}
              >
                {t("owner.giveUp")}
              </Button>
            ) : (
              <Button
                size="compact-xs"
                variant="light"
                onClick={() => change.mutate({ owner_id: me.user_id })}
              >
                {t("owner.take")}
              </Button>
            )}
          </Group>
        </Box>
        <Anchor component={Link} to={`/customers/${ticket.customer_id}`} size="sm">
          <Group gap={6} wrap="nowrap">
            <IconUser size={16} aria-hidden />
            {ticket.customer_name || t("unknownCustomer")}
          </Group>
        </Anchor>
        <Text size="xs" c="dimmed">
          {t("opened", { at: instantText(ticket.opened_at, i18n.language) })}
          <br />
          {t("touched", { at: instantText(ticket.touched_at, i18n.language) })}
        </Text>
      </Stack>
    </Card>
  );
}

function Notes({ page }: { page: TicketPageData }) {
  const { t, i18n } = useTranslation("tickets");
  const [text, setText] = useDraft(`ticket-note:${page.ticket.ticket_id}`);
  const add = useAddNote(page.ticket.ticket_id);
  return (
    <Stack gap="md">
      {page.notes.map((note) => (
        <Card key={note.note_id} withBorder padding="sm">
          <Group justify="space-between" mb={4}>
            <Title order={3} size="sm">
              {note.by_name}
            </Title>
            <Text size="xs" c="dimmed">
              {instantText(note.at, i18n.language)}
            </Text>
          </Group>
          <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
            {note.text}
          </Text>
        </Card>
      ))}
      <Textarea
        aria-label={t("note.write")}
        placeholder={t("note.write")}
        autosize
        minRows={3}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group justify="flex-end">
        <Button
          disabled={text.trim() === ""}
          loading={add.isPending}
          onClick={() => add.mutate(text.trim(), { onSuccess: () => setText("") })}
        >
          {t("note.add")}
        </Button>
      </Group>
    </Stack>
  );
}
