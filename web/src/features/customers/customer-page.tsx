/** One customer: who it is, at which addresses, and every contact over all media. */
import {
  Alert,
  Anchor,
  Avatar,
  Box,
  Button,
  Card,
  Center,
  Group,
  Loader,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import { IconArrowLeft, IconMail, IconPencil, IconPhone, IconWorld } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { ContactTimeline } from "@/components/contact-timeline";
import { errorText } from "@/lib/errors";
import { initials, instantText } from "@/lib/format";
import type { CustomerPage } from "@/lib/types";
import { useCustomer } from "./api/customers";
import { CustomerForm } from "./customer-form";

const ICONS = { phone: IconPhone, email: IconMail, visitor: IconWorld } as const;

export function CustomerDetails() {
  const { customerId = "" } = useParams();
  const customer = useCustomer(customerId);
  if (customer.isError)
    return (
      <Alert color="red" m="xl">
        {errorText(customer.error)}
      </Alert>
    );
  if (!customer.data)
    return (
      <Center h={300}>
        <Loader />
      </Center>
    );
  return <Loaded key={customerId} page={customer.data} />;
}

function Loaded({ page }: { page: CustomerPage }) {
  const { t } = useTranslation("customers");
  const [editing, setEditing] = useState(false);
  const name = page.customer.name || t("unnamed");
  return (
    <Box p="lg" maw={1080} mx="auto">
      <Anchor component={Link} to="/customers" size="sm">
        <Group gap={4}>
          <IconArrowLeft size={16} aria-hidden />
          {t("back")}
        </Group>
      </Anchor>
      <Group align="flex-start" gap="lg" mt="md" wrap="wrap">
        <Card withBorder w={320} padding="md" style={{ flex: "none" }}>
          {editing ? (
            <CustomerForm page={page} onDone={() => setEditing(false)} />
          ) : (
            <Facts page={page} name={name} onEdit={() => setEditing(true)} />
          )}
        </Card>
        <Box flex="1 1 420px" miw={0}>
          <Title order={2} size="h4" mb="md">
            {t("contacts", { count: page.contacts.length })}
          </Title>
          <ContactTimeline contacts={page.contacts} />
        </Box>
      </Group>
    </Box>
  );
}

function Facts(props: { page: CustomerPage; name: string; onEdit: () => void }) {
  const { t, i18n } = useTranslation("customers");
  const { customer, addresses } = props.page;
  return (
    <Stack gap="sm">
      <Group gap="sm" wrap="nowrap">
        <Avatar size={52} radius="xl" color="brand">
          {initials(props.name)}
        </Avatar>
        <Box miw={0}>
          <Title order={1} size="h4" style={{ overflowWrap: "anywhere" }}>
            {props.name}
          </Title>
          <Text size="sm" c="dimmed">
            {customer.organisation}
          </Text>
        </Box>
      </Group>
      {addresses.map(({ kind, value }) => {
        const Icon = ICONS[kind];
        return (
          <Group key={kind + value} gap={8} wrap="nowrap">
            <Icon size={16} aria-label={t(`kind.${kind}`)} role="img" />
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {kind === "visitor" ? t("kind.visitor") : value}
            </Text>
          </Group>
        );
      })}
      {customer.note && (
        <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
          {customer.note}
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {t("known", { at: instantText(customer.created_at, i18n.language) })}
      </Text>
      <Button variant="default" leftSection={<IconPencil size={16} />} onClick={props.onEdit}>
        {t("common:action.edit")}
      </Button>
    </Stack>
  );
}
