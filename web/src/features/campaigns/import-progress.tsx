/** How far the campaign's import has come, live. */
import { Alert, Group, Progress, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/lib/api";
import { errorText } from "@/lib/errors";
import { useTexts } from "@/lib/use-texts";
import type { CampaignRow } from "./api/campaigns";

export function ImportProgress({ row }: { row: CampaignRow }) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  if (row.import_state === "") return null;
  const running = row.import_state === "running";
  const share = (count: number) => (row.import_read > 0 ? (100 * count) / row.import_read : 0);
  const counts = [
    ["imported", row.import_imported],
    ["duplicates", row.import_duplicates],
    ["rejected", row.import_rejected],
  ] as const;
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {t(`import.state.${row.import_state}`)}
        </Text>
        <Text size="sm" className="omni-tabular">
          {t("import.read", { rows: texts.number(row.import_read) })}
        </Text>
      </Group>
      <Progress.Root size="lg" aria-label={t("import.progress")}>
        <Progress.Section
          value={share(row.import_imported)}
          color="brand"
          animated={running}
          aria-label={t("import.imported")}
        />
        <Progress.Section
          value={share(row.import_duplicates)}
          color="gray.5"
          aria-label={t("import.duplicates")}
        />
        <Progress.Section
          value={share(row.import_rejected)}
          color="orange"
          aria-label={t("import.rejected")}
        />
      </Progress.Root>
      <Group gap="lg">
        {counts.map(([key, count]) => (
          <Text key={key} size="xs" c="dimmed" className="omni-tabular">
            {t(`import.${key}`)} <b>{texts.number(count)}</b>
          </Text>
        ))}
      </Group>
      {row.import_state === "failed" && (
        <Alert color="red" icon={<IconAlertTriangle />}>
          {errorText(new ApiError(row.import_reason, 422))}
        </Alert>
      )}
    </Stack>
  );
}
