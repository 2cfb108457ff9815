/** What a queue does around the waiting: its hours, what callers hear, its overflow rules. */
import { Checkbox, Fieldset, Group, NumberInput, Select, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { components } from "@/generated/api";
import { AnnouncementsSelect } from "@/components/announcement-select";
import { useCalendars } from "./api/calendars";
import { OverflowInput } from "./overflow-input";

export type Turns = components["schemas"]["Turns"];
type Guide = components["schemas"]["GuideBody"];
type Language = NonNullable<Guide["languages"]>[number];

interface TurnsInputProps {
  queueId: string | null;
  value: Turns;
  onChange: (value: Turns) => void;
}

export function TurnsInput({ queueId, value, onChange }: TurnsInputProps) {
  const { t } = useTranslation("admin");
  const calendars = useCalendars().data ?? [];
  const put = (change: Partial<Turns>) => onChange({ ...value, ...change });
  return (
    <Stack gap="sm">
      <Select
        label={t("overflow.calendar")}
        placeholder={t("calendar.none")}
        clearable
        data={calendars.map((one) => ({ value: one.calendar_id, label: one.name }))}
        value={value.calendar_id ?? null}
        onChange={(calendar_id) => put({ calendar_id })}
      />
      <GuideInput value={value.guide ?? {}} onChange={(guide) => put({ guide })} />
      <OverflowInput
        queueId={queueId}
        value={[...(value.overflow ?? [])]}
        onChange={(overflow) => put({ overflow })}
      />
    </Stack>
  );
}

interface GuideInputProps {
  value: Guide;
  onChange: (value: Guide) => void;
}

function GuideInput({ value, onChange }: GuideInputProps) {
  const { t } = useTranslation("admin");
  const put = (change: Partial<Guide>) => onChange({ ...value, ...change });
  const languages = value.languages ?? ["en"];
  return (
    <Fieldset legend={t("overflow.hears")}>
      <Stack gap="xs">
        <Checkbox.Group
          label={t("overflow.languages")}
          value={[...languages]}
          onChange={(chosen) => {
            if (chosen.length > 0) put({ languages: chosen as Language[] });
          }}
        >
          <Group gap="sm">
            <Checkbox value="en" label="English" />
            <Checkbox value="zh" label="中文" />
          </Group>
        </Checkbox.Group>
        <AnnouncementsSelect
          label={t("overflow.greeting")}
          value={[...(value.announcements ?? [])]}
          onChange={(announcements) => put({ announcements })}
        />
        <NumberInput
          label={t("overflow.placeEvery")}
          description={t("overflow.placeNote")}
          min={0}
          max={3600}
          suffix={t("common:unit.s")}
          value={value.place_every_s ?? 0}
          onChange={(seconds) => put({ place_every_s: Number(seconds) })}
        />
      </Stack>
    </Fieldset>
  );
}
