/** The contact an agent may dial: who, what is known, for how long yet; dial or skip. */
import { Button, Group, Paper, Progress, Stack, Text } from "@mantine/core";
import { IconPhone, IconPlayerSkipForward } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRows } from "@/lib/live";
import { useNowMs } from "@/lib/ticking";
import type { PreviewRow } from "@/lib/types";
import { usePreviewStep } from "../api/dial";

/** After its end a row may stand for a moment, or for long when the server has died. */
const LATE_MS = 5000;
const FIELDS_SHOWN = 8;

export function PreviewCard() {
  const [row] = useRows("desk", "preview");
  return row ? <Shown key={row.contact_id + row.until} row={row} /> : null;
}

function Shown({ row }: { row: PreviewRow }) {
  const { t } = useTranslation("inbox");
  const now = useNowMs();
  const dial = usePreviewStep("dial");
  const skip = usePreviewStep("skip");
  const leftMs = Date.parse(row.until) - now;
  // The bar is full when the contact is shown, however long the campaign gives.
  const [wholeMs] = useState(() => Math.max(1, leftMs));
  if (leftMs < -LATE_MS) return null;
  const busy = dial.isPending || skip.isPending;
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  return (
    <Paper withBorder m={8} p="sm" component="section" aria-label={t("preview.title")}>
      <Stack gap={6}>
        <Group justify="space-between" wrap="nowrap">
          <Text size="xs" c="dimmed" fw={650}>
            {t("preview.title")} · {row.campaign_name}
          </Text>
          <Text size="xs" c="dimmed">
            {t("preview.left", { seconds })}
          </Text>
        </Group>
        <Text fw={650}>{row.name || row.number}</Text>
        {row.name && <Text size="sm">{row.number}</Text>}
        {Object.entries(row.fields)
          .slice(0, FIELDS_SHOWN)
          .map(([name, value]) => (
            <Text key={name} size="xs" truncate>
              <Text span c="dimmed" inherit>
                {name}:
              </Text>{" "}
              {value}
            </Text>
          ))}
        {row.attempts > 0 && (
          <Text size="xs" c="dimmed">
            {t("preview.attempts", { count: row.attempts })}
          </Text>
        )}
        <Progress
          value={Math.min(100, Math.max(0, (100 * leftMs) / wholeMs))}
          size="xs"
          aria-hidden
        />
        <Group grow gap={6}>
          <Button
            size="xs"
            leftSection={<IconPhone size={16} />}
            disabled={busy}
            loading={dial.isPending}
            onClick={() => dial.mutate(row.contact_id)}
          >
            {t("preview.dial")}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerSkipForward size={16} />}
            disabled={busy}
            onClick={() => skip.mutate(row.contact_id)}
          >
            {t("preview.skip")}
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}
