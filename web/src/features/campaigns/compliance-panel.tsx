/** The proof of what was dialled under which rules, to take away. */
import { Button, Group, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/components/panel";
import { complianceUrl } from "./api/campaigns";

export function CompliancePanel({ campaignId }: { campaignId: string }) {
  const { t } = useTranslation("campaigns");
  return (
    <Panel title={t("compliance.title")}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" c="dimmed">
          {t("compliance.note")}
        </Text>
        <Button
          component="a"
          href={complianceUrl(campaignId)}
          download
          variant="default"
          leftSection={<IconDownload size={18} />}
          flex="none"
        >
          {t("compliance.download")}
        </Button>
      </Group>
    </Panel>
  );
}
