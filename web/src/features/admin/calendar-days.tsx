/** The parts of a calendar's form: hours by the week, holidays, days with hours of their own. */
import { ActionIcon, Button, Fieldset, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { CalendarNew } from "./api/calendars";
import { minutesOf, textOf } from "./clock-time";

type Shift = NonNullable<CalendarNew["week"]>[number];
type Holiday = NonNullable<CalendarNew["holidays"]>[number];
type SpecialDay = NonNullable<CalendarNew["special"]>[number];
type Span = [number, number];

const DAYS = [0, 1, 2, 3, 4, 5, 6];
const USUAL: Span = [540, 1080];

interface InputProps<V> {
  value: V[];
  onChange: (value: V[]) => void;
}

export function WeekInput({ value, onChange }: InputProps<Shift>) {
  const { t } = useTranslation("admin");
  const of = (day: number): Span[] =>
    value.filter((shift) => shift.day === day).map((shift) => [shift.start_min, shift.end_min]);
  const put = (day: number, spans: Span[]) =>
    onChange([
      ...value.filter((shift) => shift.day !== day),
      ...spans.map(([start_min, end_min]) => ({ day, start_min, end_min })),
    ]);
  return (
    <Fieldset legend={t("calendar.week")}>
      <Stack gap={6}>
        {DAYS.map((day) => (
          <Group key={day} gap="sm" align="center">
            <Text size="sm" w={90}>
              {t(`calendar.days.${day}`)}
            </Text>
            <Spans
              value={of(day)}
              label={t(`calendar.days.${day}`)}
              onChange={(s) => put(day, s)}
            />
          </Group>
        ))}
      </Stack>
    </Fieldset>
  );
}

interface SpansProps {
  value: Span[];
  label: string;
  onChange: (value: Span[]) => void;
}

/** Opening times of one day; none: closed. */
function Spans({ value, label, onChange }: SpansProps) {
  const { t } = useTranslation("admin");
  const put = (index: number, change: Span) =>
    onChange(value.map((span, place) => (place === index ? change : span)));
  return (
    <Group gap={6}>
      {value.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("calendar.closedAllDay")}
        </Text>
      )}
      {value.map((span, index) => (
        <Group key={index} gap={4} wrap="nowrap">
          <TextInput
            size="xs"
            type="time"
            aria-label={`${label} ${t("calendar.from")}`}
            value={textOf(span[0])}
            onChange={(event) => {
              const start = minutesOf(event.currentTarget.value);
              if (start !== null) put(index, [start, span[1]]);
            }}
          />
          <Text size="sm">–</Text>
          <TextInput
            size="xs"
            type="time"
            aria-label={`${label} ${t("calendar.until")}`}
            value={textOf(span[1])}
            onChange={(event) => {
              const end = minutesOf(event.currentTarget.value, true);
              if (end !== null) put(index, [span[0], end]);
            }}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`${label} ${t("calendar.removeSpan")}`}
            onClick={() => onChange(value.filter((_, place) => place !== index))}
          >
            <IconX size={14} />
          </ActionIcon>
        </Group>
      ))}
      <ActionIcon
        variant="subtle"
        aria-label={`${label} ${t("calendar.addSpan")}`}
        onClick={() => onChange([...value, USUAL])}
      >
        <IconPlus size={14} />
      </ActionIcon>
    </Group>
  );
}

export function HolidaysInput({ value, onChange }: InputProps<Holiday>) {
  const { t } = useTranslation("admin");
  return (
    <Fieldset legend={t("calendar.holidays")}>
      <Days value={value} onChange={onChange} add={(date) => ({ date, name: "" })} />
    </Fieldset>
  );
}

export function SpecialDaysInput({ value, onChange }: InputProps<SpecialDay>) {
  const { t } = useTranslation("admin");
  return (
    <Fieldset legend={t("calendar.special")}>
      <Days
        value={value}
        onChange={onChange}
        add={(date) => ({ date, name: "", open: [USUAL] })}
        extra={(day, put) => (
          <Spans
            label={day.date}
            value={(day.open ?? []) as Span[]}
            onChange={(open) => put({ ...day, open })}
          />
        )}
      />
    </Fieldset>
  );
}

interface DaysProps<D> extends InputProps<D> {
  add: (date: string) => D;
  extra?: (day: D, put: (day: D) => void) => React.ReactNode;
}

function Days<D extends { date: string; name?: string }>({
  value,
  onChange,
  add,
  extra,
}: DaysProps<D>) {
  const { t } = useTranslation("admin");
  const put = (index: number, day: D) =>
    onChange(value.map((other, place) => (place === index ? day : other)));
  return (
    <Stack gap={6} align="flex-start">
      {value.map((day, index) => (
        <Group key={index} gap={6}>
          <TextInput
            size="xs"
            type="date"
            aria-label={t("calendar.day")}
            value={day.date}
            onChange={(event) => put(index, { ...day, date: event.currentTarget.value })}
          />
          <TextInput
            size="xs"
            placeholder={t("calendar.dayName")}
            aria-label={t("calendar.dayName")}
            maxLength={80}
            value={day.name ?? ""}
            onChange={(event) => put(index, { ...day, name: event.currentTarget.value })}
          />
          {extra?.(day, (changed) => put(index, changed))}
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("calendar.removeDay")}
            onClick={() => onChange(value.filter((_, place) => place !== index))}
          >
            <IconX size={14} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        size="compact-xs"
        variant="subtle"
        leftSection={<IconPlus size={12} />}
        onClick={() => onChange([...value, add(new Date().toISOString().slice(0, 10))])}
      >
        {t("calendar.addDay")}
      </Button>
    </Stack>
  );
}
