/** Keypad for tones; also takes the digits of the keyboard while it is open. */
import { Button, SimpleGrid, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDtmf } from "../api/call-control";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"] as const;

export function Keypad({ interactionId }: { interactionId: string }) {
  const { t } = useTranslation("inbox");
  const [typed, setTyped] = useState("");
  const dtmf = useDtmf(interactionId);
  const press = (key: string) => {
    setTyped((before) => (before + key).slice(-16));
    dtmf.mutate(key);
  };
  return (
    <Stack
      gap="xs"
      w={190}
      role="group"
      aria-label={t("call.keypad")}
      onKeyDown={(event) => {
        if ((KEYS as readonly string[]).includes(event.key)) press(event.key);
      }}
    >
      <Text ta="center" h={28} fz="lg" className="omni-tabular" aria-live="polite">
        {typed}
      </Text>
      <SimpleGrid cols={3} spacing={8}>
        {KEYS.map((key) => (
          <Button key={key} variant="default" size="md" px={0} onClick={() => press(key)}>
            {key}
          </Button>
        ))}
      </SimpleGrid>
    </Stack>
  );
}
