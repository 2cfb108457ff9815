/** Says that what is shown may be old, after a short grace (a blink is not worth a banner). */
import { Button, Group, Text } from "@mantine/core";
import { IconWifiOff } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLiveClient, useLiveStatus } from "@/lib/live";

const GRACE_MS = 1500;

export function StaleBanner() {
  const { t } = useTranslation();
  const client = useLiveClient();
  const live = useLiveStatus() === "live";
  const [shown, setShown] = useState(false);

  useEffect(() => {
    const timer = setTimeout(() => setShown(!live), live ? 0 : GRACE_MS);
    return () => clearTimeout(timer);
  }, [live]);

  if (!shown) return null;
  return (
    <Group
      role="status"
      gap="sm"
      px="md"
      py={6}
      bg="var(--mantine-color-yellow-light)"
      data-testid="stale"
    >
      <IconWifiOff size={18} aria-hidden />
      <Text size="sm" flex={1}>
        {t("shell.stale")}
      </Text>
      <Button size="compact-sm" variant="subtle" onClick={() => client.hurry()}>
        {t("shell.retryNow")}
      </Button>
    </Group>
  );
}
