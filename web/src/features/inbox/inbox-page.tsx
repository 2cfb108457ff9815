/** Placeholder. */
import { Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

export function InboxPage() {
  const { t } = useTranslation("inbox");
  return <Title p="md">{t("nav")}</Title>;
}
