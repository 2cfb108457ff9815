/** Who it is: addresses, the ticket, the last contacts over all media. */
import {
  Anchor,
  Avatar,
  Box,
  CopyButton,
  Divider,
  Group,
  Loader,
  ScrollArea,
  Stack,
  Text,
  Tooltip,
  UnstyledButton,
} from "@mantine/core";
import { IconExternalLink, IconMail, IconPhone, IconTicket, IconWorld } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ContactTimeline } from "@/components/contact-timeline";
import { initials } from "@/lib/format";
import type { CustomerPage, WorkRow } from "@/lib/types";
import { useCustomer } from "../api/customer";
import { useNameOf } from "../desk";
import classes from "./customer.module.css";

const SHOWN_CONTACTS = 10;

export function CustomerPanel({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const customer = useCustomer(work.customer_id);
  const name = useNameOf()(work);
  return (
    <ScrollArea className={classes.panel} type="auto" aria-label={t("customer.title")}>
      <Stack gap="md" p="md">
        <Group gap="sm" wrap="nowrap">
          <Avatar size={44} radius="xl" color="brand">
            {work.customer_name ? initials(name) : null}
          </Avatar>
          <Box flex={1} miw={0}>
            <Text fw={650} lineClamp={2}>
              {name}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {customer.data?.customer.organisation || t("customer.title")}
            </Text>
          </Box>
          {work.customer_id && (
            <Tooltip label={t("customer.open")}>
              <Anchor
                component={Link}
                to={`/customers/${work.customer_id}`}
                aria-label={t("customer.open")}
              >
                <IconExternalLink size={18} />
              </Anchor>
            </Tooltip>
          )}
        </Group>
        {customer.data && <Addresses page={customer.data} />}
        {customer.data?.customer.note && (
          <Text size="sm" className={classes.note}>
            {customer.data.customer.note}
          </Text>
        )}
        {work.ticket_id && (
          <Anchor component={Link} to={`/tickets/${work.ticket_id}`} className={classes.ticket}>
            <IconTicket size={18} aria-hidden />
            <Box flex={1} miw={0}>
              <Text size="sm" fw={600}>
                {t("customer.ticket", { number: work.ticket_number })}
              </Text>
              {work.subject && (
                <Text size="xs" c="dimmed" truncate>
                  {work.subject}
                </Text>
              )}
            </Box>
          </Anchor>
        )}
        <Divider />
        <Box>
          <Text size="xs" fw={650} c="dimmed" mb="sm">
            {t("customer.lastContacts")}
          </Text>
          {work.customer_id && customer.isPending && <Loader size="sm" />}
          {customer.data && (
            <ContactTimeline
              compact
              contacts={customer.data.contacts
                .filter((contact) => contact.interaction_id !== work.interaction_id)
                .slice(0, SHOWN_CONTACTS)}
            />
          )}
          {!work.customer_id && (
            <Text size="sm" c="dimmed">
              {t("customer.unknown")}
            </Text>
          )}
        </Box>
      </Stack>
    </ScrollArea>
  );
}

const ADDRESS_ICONS = { phone: IconPhone, email: IconMail, visitor: IconWorld } as const;

function Addresses({ page }: { page: CustomerPage }) {
  const { t } = useTranslation("inbox");
  return (
    <Stack gap={4}>
      {page.addresses.map(({ kind, value }) => {
        const Icon = ADDRESS_ICONS[kind];
        if (kind === "visitor")
          return (
            <Group key={kind + value} gap={8} wrap="nowrap">
              <Icon size={16} aria-hidden />
              <Text size="sm">{t("customer.visitor")}</Text>
            </Group>
          );
        return (
          <CopyButton key={kind + value} value={value}>
            {({ copied, copy }) => (
              <Tooltip label={t(copied ? "customer.copied" : "customer.copy")}>
                <UnstyledButton className={classes.address} onClick={copy}>
                  <Icon size={16} aria-hidden />
                  <Text size="sm" truncate>
                    {value}
                  </Text>
                </UnstyledButton>
              </Tooltip>
            )}
          </CopyButton>
        );
      })}
    </Stack>
  );
}
