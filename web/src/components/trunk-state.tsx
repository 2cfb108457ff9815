/** What a trunk can carry now, in words; in trouble also why, and when it is tried again. */
import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { timeText } from "@/lib/format";
import { Figure } from "./figure";

interface TrunkStateProps {
  trunk: { enabled: boolean; state: string; reason: string; retry_at?: string | null };
  /** What stands here when the trunk is switched off. */
  off: string;
}

export function TrunkState({ trunk, off }: TrunkStateProps) {
  const { t, i18n } = useTranslation("terms");
  if (!trunk.enabled) return <Figure dim>{off}</Figure>;
  const works = trunk.state !== "down" && trunk.state !== "trouble";
  const { reason, retry_at } = trunk;
  const why = /^\d+$/.test(reason)
    ? t("trunkWhy.code", { code: reason })
    : reason && t(`trunkWhy.${reason}`);
  const retry = retry_at && t("trunkWhy.retry", { at: timeText(retry_at, i18n.language) });
  const note = [why, retry].filter(Boolean).join(" · ");
  return (
    <Stack gap={0}>
      <Figure concern={works ? "none" : "now"}>{t(`trunkState.${trunk.state}`)}</Figure>
      {trunk.state === "trouble" && note && (
        <Text size="xs" c="dimmed" className="omni-tabular">
          {note}
        </Text>
      )}
    </Stack>
  );
}
