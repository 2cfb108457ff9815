/** Dial finished contacts again, by how they finished. */
import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/components/panel";
import { useCodeLabel } from "@/lib/codes";
import { hasRole, useMe } from "@/lib/session";
import { useTexts } from "@/lib/use-texts";
import { useFinishReasons, useRecycle } from "./api/lists";

interface RecyclePanelProps {
  campaignId: string;
  finished: number;
}

export function RecyclePanel({ campaignId, finished }: RecyclePanelProps) {
  const { t, i18n } = useTranslation("campaigns");
  const texts = useTexts();
  const label = useCodeLabel("disposition");
  const reasons = useFinishReasons(campaignId, String(finished));
  const recycle = useRecycle(campaignId);
  const [chosen, setChosen] = useState<string[]>([]);
  const mayChange = hasRole(useMe(), ["manager", "admin"]);
  const rows = reasons.data ?? [];
  const there = chosen.filter((reason) => rows.some((row) => row.reason === reason && row.again));
  const nameOf = (reason: string) => {
    for (const key of [`recycle.reason.${reason}`, `terms:outcome.${reason}`])
      if (i18n.exists(key, { ns: "campaigns" })) return t(key);
    return label(reason);
  };
  if (rows.length === 0) return null;
  const send = () =>
    recycle.mutate(there, {
      onSuccess: ({ recycled }) => {
        setChosen([]);
        notifications.show({ message: t("recycle.done", { total: texts.number(recycled) }) });
      },
    });
  return (
    <Panel title={t("recycle.title")}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t("recycle.note")}
        </Text>
        <Checkbox.Group value={there} onChange={setChosen}>
          <Stack gap={6}>
            {rows.map((row) => (
              <Checkbox
                key={row.reason}
                value={row.reason}
                disabled={!row.again || !mayChange}
                label={`${nameOf(row.reason)} · ${texts.number(row.count)}`}
              />
            ))}
          </Stack>
        </Checkbox.Group>
        {mayChange && (
          <Group>
            <Button
              leftSection={<IconRefresh size={18} />}
              disabled={there.length === 0}
              loading={recycle.isPending}
              onClick={send}
            >
              {t("recycle.send")}
            </Button>
          </Group>
        )}
      </Stack>
    </Panel>
  );
}
