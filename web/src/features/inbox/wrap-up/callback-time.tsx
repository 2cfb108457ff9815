/** When the person wants to be called again, and by whom. */
import { Button, Group, Switch, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { instantOf, localText } from "@/lib/local-time";

const HOUR_MS = 3_600_000;

export function tomorrowAt(hour: number, now: Date): Date {
  const at = new Date(now);
  at.setDate(at.getDate() + 1);
  at.setHours(hour, 0, 0, 0);
  return at;
}

interface CallbackTimeProps {
  text: string;
  personal: boolean;
  onText: (text: string) => void;
  onPersonal: (personal: boolean) => void;
}

export function CallbackTime({ text, personal, onText, onPersonal }: CallbackTimeProps) {
  const { t } = useTranslation("inbox");
  const inHours = (hours: number) =>
    onText(localText(new Date(new Date().getTime() + hours * HOUR_MS)));
  return (
    <div>
      <TextInput
        type="datetime-local"
        label={t("callback.when")}
        description={t("callback.whenNote")}
        value={text}
        error={text !== "" && instantOf(text, new Date()) === null && t("callback.past")}
        onChange={(event) => onText(event.currentTarget.value)}
      />
      <Group gap={6} mt={6}>
        <Button size="compact-xs" variant="default" onClick={() => inHours(1)}>
          {t("callback.inHours", { count: 1 })}
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => inHours(3)}>
          {t("callback.inHours", { count: 3 })}
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => onText(localText(tomorrowAt(10, new Date())))}
        >
          {t("callback.tomorrow")}
        </Button>
      </Group>
      <Switch
        mt="sm"
        label={t("callback.personal")}
        checked={personal}
        onChange={(event) => onPersonal(event.currentTarget.checked)}
      />
      <Text size="xs" c="dimmed">
        {t("callback.personalNote")}
      </Text>
    </div>
  );
}
