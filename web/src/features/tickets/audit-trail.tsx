/** Who changed which field, from what to what. */
import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { instantText } from "@/lib/format";
import type { TicketPageData } from "./api/tickets";

export function AuditTrail({ lines }: { lines: TicketPageData["audit"] }) {
  const { t, i18n } = useTranslation("tickets");
  const shown = (field: string, value: string) =>
    value === ""
      ? "–"
      : field === "state" || field === "priority"
        ? t(`${field}.${value}`, { defaultValue: value })
        : value;
  if (lines.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t("audit.empty")}
      </Text>
    );
  return (
    <Table>
      <Table.Tbody>
        {lines.map((line) => (
          <Table.Tr key={`${line.at}-${line.field}`}>
            <Table.Td c="dimmed" style={{ whiteSpace: "nowrap" }}>
              {instantText(line.at, i18n.language)}
            </Table.Td>
            <Table.Td>{line.by_name || t("audit.rule")}</Table.Td>
            <Table.Td>{t(`audit.field.${line.field}`, { defaultValue: line.field })}</Table.Td>
            <Table.Td>
              {shown(line.field, line.old)} → {shown(line.field, line.new)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
