/** Calls the agent promised to make: when, whom, what about; a message when one is due. */
import { Badge, Box, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPhoneCalling } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useRows } from "@/lib/live";
import type { CallbackRow } from "@/lib/types";
import { useTexts } from "@/lib/use-texts";

const REMIND_MS = 5 * 60_000;
const LOOK_EVERY_MS = 10_000;
const SHOWN = 8;

/** Return those whose time comes within five minutes, or has come. */
export function dueSoon(rows: readonly CallbackRow[], nowMs: number): CallbackRow[] {
  return rows.filter((row) => Date.parse(row.at) - nowMs <= REMIND_MS);
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function CallbackList() {
  const { t } = useTranslation("inbox");
  const texts = useTexts();
  const rows = useRows("desk", "callback");
  const now = useNow();
  const due = dueSoon(rows, now);
  const reminded = useRef(new Set<string>());
  useEffect(() => {
    for (const row of due) {
      const name = `${row.contact_id} ${row.at}`;
      if (reminded.current.has(name)) continue;
      reminded.current.add(name);
      notifications.show({
        title: t("callback.due"),
        message: `${texts.instant(row.at)} · ${row.name || row.number}`,
        autoClose: 20_000,
      });
    }
  }, [due, t, texts]);
  if (rows.length === 0) return null;
  const inOrder = [...rows].sort((a, b) => a.at.localeCompare(b.at));
  return (
    <Box component="section" pb={8} aria-label={t("callback.title")}>
      <Group gap={6} px={14} pt={12} pb={6}>
        <Text size="xs" fw={650} c="dimmed">
          {t("callback.title")}
        </Text>
        <Badge size="xs" variant="default" circle>
          {rows.length}
        </Badge>
      </Group>
      {inOrder.slice(0, SHOWN).map((row) => (
        <Group key={row.contact_id} gap={8} px={14} py={4} wrap="nowrap">
          <IconPhoneCalling size={16} aria-hidden />
          <Box flex={1} miw={0}>
            <Text size="sm" truncate fw={due.includes(row) ? 700 : 500}>
              {row.name || row.number}
            </Text>
            <Text size="xs" c={due.includes(row) ? "orange" : "dimmed"} truncate>
              {texts.instant(row.at)} · {row.note || row.campaign_name}
            </Text>
          </Box>
        </Group>
      ))}
    </Box>
  );
}
