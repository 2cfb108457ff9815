/** All customers. */
import { Anchor, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ListPage } from "@/components/list-page";
import { instantText } from "@/lib/format";
import { useSearchQuery } from "@/lib/search-query";
import { useCustomers } from "./api/customers";

export function CustomersPage() {
  const { t, i18n } = useTranslation("customers");
  const search = useSearchQuery();
  const customers = useCustomers(search.q, search.page);
  return (
    <ListPage
      title={t("nav")}
      placeholder={t("searchHint")}
      search={search}
      found={customers.data}
      error={customers.error}
      onRetry={() => void customers.refetch()}
      empty={t("empty")}
    >
      <Table highlightOnHover verticalSpacing="sm" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("column.name")}</Table.Th>
            <Table.Th>{t("column.organisation")}</Table.Th>
            <Table.Th>{t("column.addresses")}</Table.Th>
            <Table.Th>{t("column.since")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {customers.data?.customers.map((customer) => (
            <Table.Tr key={customer.customer_id}>
              <Table.Td>
                <Anchor
                  component={Link}
                  to={`/customers/${customer.customer_id}`}
                  size="sm"
                  c="inherit"
                  fw={550}
                >
                  {customer.name || t("unnamed")}
                </Anchor>
              </Table.Td>
              <Table.Td>{customer.organisation}</Table.Td>
              <Table.Td maw={420}>
                <Text size="sm" c="dimmed" truncate>
                  {customer.addresses
                    .map(({ kind, value }) => (kind === "visitor" ? t("kind.visitor") : value))
                    .join(" · ")}
                </Text>
              </Table.Td>
              <Table.Td>
                <Text size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                  {instantText(customer.created_at, i18n.language)}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ListPage>
  );
}
