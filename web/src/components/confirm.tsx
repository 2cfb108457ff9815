/** Ask once more, beside the button itself, before something that is not easily undone. */
import { Box, Button, Group, Popover, Stack, Text } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface ConfirmProps {
  /** What will happen. */
  text: string;
  /** The word on the button that does it. */
  action: string;
  onConfirm: () => void;
  /** The button that was pressed first: call `ask` on its click. */
  children: (ask: () => void) => ReactNode;
}

export function Confirm({ text, action, onConfirm, children }: ConfirmProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const confirm = () => {
    setAsking(false);
    onConfirm();
  };
  return (
    <Popover
      opened={asking}
      onChange={setAsking}
      width={280}
      trapFocus
      returnFocus
      withArrow
      withRoles={false}
    >
      <Popover.Target>
        <Box component="span">{children(() => setAsking(true))}</Box>
      </Popover.Target>
      {/* A click here is none on the row of a table around the button. */}
      <Popover.Dropdown
        role="dialog"
        aria-label={text}
        onClick={(event) => event.stopPropagation()}
      >
        <Stack gap="xs">
          <Text size="sm">{text}</Text>
          <Group gap="xs" justify="flex-end">
            <Button size="xs" variant="default" onClick={() => setAsking(false)} data-autofocus>
              {t("action.cancel")}
            </Button>
            <Button size="xs" color="red" onClick={confirm}>
              {action}
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
