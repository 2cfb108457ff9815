/** All tickets, touched last first. */
import { Anchor, Select, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ListPage } from "@/components/list-page";
import { instantText } from "@/lib/format";
import { useSearchQuery } from "@/lib/search-query";
import { STATES, useTickets, type TicketState } from "./api/tickets";
import { PriorityBadge, StateBadge } from "./ticket-badges";

export function TicketsPage() {
  const { t, i18n } = useTranslation("tickets");
  const search = useSearchQuery();
  const state = STATES.find((each) => each === search.get("state")) ?? null;
  const tickets = useTickets(search.q, state, search.page);
  return (
    <ListPage
      title={t("nav")}
      placeholder={t("searchHint")}
      search={search}
      found={tickets.data}
      error={tickets.error}
      onRetry={() => void tickets.refetch()}
      empty={t("empty")}
      filters={
        <Select
          w={150}
          aria-label={t("column.state")}
          value={state ?? ""}
          allowDeselect={false}
          data={[
            { value: "", label: t("allStates") },
            ...STATES.map((each: TicketState) => ({ value: each, label: t(`state.${each}`) })),
          ]}
          onChange={(value) => search.set("state", value ?? "")}
        />
      }
    >
      <Table highlightOnHover verticalSpacing="sm" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("column.number")}</Table.Th>
            <Table.Th>{t("column.subject")}</Table.Th>
            <Table.Th>{t("column.customer")}</Table.Th>
            <Table.Th>{t("column.state")}</Table.Th>
            <Table.Th>{t("column.priority")}</Table.Th>
            <Table.Th>{t("column.touched")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tickets.data?.tickets.map((ticket) => (
            <Table.Tr key={ticket.ticket_id}>
              <Table.Td className="omni-tabular">
                <Anchor component={Link} to={`/tickets/${ticket.ticket_id}`} size="sm">
                  #{ticket.number}
                </Anchor>
              </Table.Td>
              <Table.Td maw={380}>
                <Anchor
                  component={Link}
                  to={`/tickets/${ticket.ticket_id}`}
                  size="sm"
                  c="inherit"
                  fw={550}
                  lineClamp={1}
                >
                  {ticket.subject || t("noSubject")}
                </Anchor>
              </Table.Td>
              <Table.Td maw={220}>
                <Anchor
                  component={Link}
                  to={`/customers/${ticket.customer_id}`}
                  size="sm"
                  c="inherit"
                  lineClamp={1}
                >
                  {ticket.customer_name || t("unknownCustomer")}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <StateBadge state={ticket.state} />
              </Table.Td>
              <Table.Td>
                <PriorityBadge priority={ticket.priority} />
              </Table.Td>
              <Table.Td>
                <Text
                  size="sm"
                  c="dimmed"
                  className="omni-tabular"
                  style={{ whiteSpace: "nowrap" }}
                >
                  {instantText(ticket.touched_at, i18n.language)}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ListPage>
  );
}
