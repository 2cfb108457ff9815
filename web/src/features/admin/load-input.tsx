/** When something is switched on by what waits, and when off again: two limits, two measures. */
import { Checkbox, Group, Input, NumberInput, SimpleGrid, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Load } from "./api/routing";

const MEDIA = ["voice", "email", "chat"] as const;

export const NEW_LOAD: Load = {
  media: [true, false, true],
  over_s: 60,
  under_s: 20,
  over_waiting: null,
  under_waiting: 0,
};

/** Return the load with every field: the API leaves out what is as usual. */
export function wholeLoad(load: Partial<Load> | null | undefined): Load | null {
  return load ? { ...NEW_LOAD, over_s: null, under_s: 0, ...load } : null;
}

interface LoadInputProps {
  label: string;
  description?: string;
  value: Load;
  onChange: (value: Load) => void;
}

export function LoadInput({ label, description, value, onChange }: LoadInputProps) {
  const { t } = useTranslation("admin");
  const put = (change: Partial<Load>) => onChange({ ...value, ...change });
  return (
    <Input.Wrapper label={label} description={description}>
      <Stack gap={8} mt={6}>
        <Group gap="md">
          {MEDIA.map((medium, index) => (
            <Checkbox
              key={medium}
              size="xs"
              label={t(`common:medium.${medium}`)}
              checked={value.media[index] ?? false}
              onChange={(event) => {
                const media: Load["media"] = [...value.media];
                media[index] = event.currentTarget.checked;
                put({ media });
              }}
            />
          ))}
        </Group>
        <Limits
          label={t("load.wait")}
          suffix={t("common:unit.s")}
          over={value.over_s}
          under={value.under_s}
          onChange={(over_s, under_s) => put({ over_s, under_s })}
        />
        <Limits
          label={t("load.waiting")}
          over={value.over_waiting}
          under={value.under_waiting}
          onChange={(over_waiting, under_waiting) => put({ over_waiting, under_waiting })}
        />
      </Stack>
    </Input.Wrapper>
  );
}

interface LimitsProps {
  label: string;
  suffix?: string;
  over: number | null;
  under: number;
  onChange: (over: number | null, under: number) => void;
}

function Limits({ label, suffix = "", over, under, onChange }: LimitsProps) {
  const { t } = useTranslation("admin");
  return (
    <div>
      <Text size="xs" fw={600}>
        {label}
      </Text>
      <SimpleGrid cols={2} spacing="xs">
        <NumberInput
          size="xs"
          label={t("load.over")}
          aria-label={`${label}: ${t("load.over")}`}
          placeholder={t("load.unused")}
          min={0}
          allowDecimal={false}
          suffix={suffix}
          value={over ?? ""}
          onChange={(typed) => onChange(typed === "" ? null : Number(typed), under)}
        />
        <NumberInput
          size="xs"
          label={t("load.under")}
          aria-label={`${label}: ${t("load.under")}`}
          min={0}
          allowDecimal={false}
          suffix={suffix}
          disabled={over === null}
          value={over === null ? "" : under}
          onChange={(typed) => onChange(over, Number(typed))}
        />
      </SimpleGrid>
    </div>
  );
}
