/** Under the title of a page beside the campaigns: the way back, and what the page is for. */
import { Anchor, Group, Text } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

export function BackNote({ note }: { note: string }) {
  const { t } = useTranslation("campaigns");
  return (
    <Group gap="sm">
      <Anchor component={Link} to="/campaigns" size="sm">
        <Group gap={4} component="span">
          <IconArrowLeft size={14} /> {t("title")}
        </Group>
      </Anchor>
      <Text size="sm" c="dimmed">
        {note}
      </Text>
    </Group>
  );
}
