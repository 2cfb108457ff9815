/** Placeholder. */
import { Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

export function CustomersPage() {
  const { t } = useTranslation("customers");
  return <Title p="md">{t("nav")}</Title>;
}
