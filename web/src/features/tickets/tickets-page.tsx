/** Placeholder. */
import { Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

export function TicketsPage() {
  const { t } = useTranslation("tickets");
  return <Title p="md">{t("nav")}</Title>;
}
