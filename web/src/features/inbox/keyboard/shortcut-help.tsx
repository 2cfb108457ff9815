/** The list of shortcuts, shown with `?`. */
import { Group, Kbd, Modal, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { BINDINGS } from "./shortcuts";

export function ShortcutHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation("inbox");
  const rows = [
    ...BINDINGS,
    { shortcut: "send", keys: ["Enter"] },
    { shortcut: "finish", keys: ["Ctrl", "Enter"] },
    { shortcut: "help", keys: ["?"] },
  ] as const;
  return (
    <Modal opened={opened} onClose={onClose} title={t("keyboard.title")} size="sm">
      <Stack gap={6}>
        {rows.map(({ shortcut, keys }) => (
          <Group key={shortcut} justify="space-between" wrap="nowrap">
            <Text size="sm">{t(`keyboard.${shortcut}`)}</Text>
            <Group gap={4} wrap="nowrap">
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </Group>
          </Group>
        ))}
      </Stack>
    </Modal>
  );
}
