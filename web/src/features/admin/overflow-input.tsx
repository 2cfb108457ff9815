/** The overflow rules of a queue: an ordered list, each with a condition and what is done. */
import {
  ActionIcon,
  Button,
  Checkbox,
  Fieldset,
  Group,
  NumberInput,
  Paper,
  Select,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { components } from "@/generated/api";
import { AnnouncementSelect } from "@/components/announcement-select";
import { useAnswers } from "./api/answers";
import { useGroups, useQueues } from "./api/routing";
import { moved } from "./overflow-rules";

type Schemas = components["schemas"];
export type Rule = Schemas["OverflowBody"];
type Step = Schemas["OverflowStepBody"];
type Option = Schemas["OverflowOptionBody"];

const CONDITIONS = ["closed", "full", "waited", "expected_wait", "nobody"] as const;
const ACTIONS = [
  "queue",
  "group",
  "announce",
  "callback",
  "menu",
  "voicemail",
  "number",
  "ticket",
  "answer",
] as const;
const MEDIA = ["voice", "email", "chat"] as const;
/** What a limit begins with: people for `full`, seconds for the others. */
const LIMITS: Partial<Record<Rule["when"], number>> = { full: 20, waited: 120, expected_wait: 300 };
const FRESH: Rule = {
  when: "closed",
  step: { action: "ticket" },
  limit: 0,
  media: ["voice"],
  waiting_too: false,
  options: [],
};

interface OverflowInputProps {
  queueId: string | null;
  value: Rule[];
  onChange: (value: Rule[]) => void;
}

export function OverflowInput({ queueId, value, onChange }: OverflowInputProps) {
  const { t } = useTranslation("admin");
  const put = (index: number, rule: Rule) =>
    onChange(value.map((other, place) => (place === index ? rule : other)));
  return (
    <Fieldset legend={t("overflow.title")}>
      <Stack gap="sm">
        <Text size="xs" c="dimmed">
          {t("overflow.note")}
        </Text>
        {value.map((rule, index) => (
          <Paper key={index} withBorder p="xs">
            <Group justify="space-between" wrap="nowrap" align="flex-start">
              <RuleInput queueId={queueId} value={rule} onChange={(one) => put(index, one)} />
              <Group gap={0} wrap="nowrap">
                <Small
                  label={t("overflow.up")}
                  disabled={index === 0}
                  onClick={() => onChange(moved(value, index, -1))}
                  icon={<IconArrowUp size={14} />}
                />
                <Small
                  label={t("overflow.down")}
                  disabled={index === value.length - 1}
                  onClick={() => onChange(moved(value, index, 1))}
                  icon={<IconArrowDown size={14} />}
                />
                <Small
                  label={t("overflow.remove")}
                  onClick={() => onChange(value.filter((_, place) => place !== index))}
                  icon={<IconX size={14} />}
                />
              </Group>
            </Group>
          </Paper>
        ))}
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...value, FRESH])}
        >
          {t("overflow.add")}
        </Button>
      </Stack>
    </Fieldset>
  );
}

interface SmallProps {
  label: string;
  icon: React.ReactNode;
  disabled?: boolean;
  onClick: () => void;
}

function Small({ label, icon, disabled = false, onClick }: SmallProps) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
    >
      {icon}
    </ActionIcon>
  );
}

interface RuleInputProps {
  queueId: string | null;
  value: Rule;
  onChange: (value: Rule) => void;
}

function RuleInput({ queueId, value, onChange }: RuleInputProps) {
  const { t } = useTranslation("admin");
  const put = (change: Partial<Rule>) => onChange({ ...value, ...change });
  const limited = value.when in LIMITS;
  const standing = ["closed", "nobody"].includes(value.when);
  return (
    <Stack gap="xs" flex={1}>
      <Group gap="xs" align="flex-end">
        <Select
          size="xs"
          label={t("overflow.when")}
          allowDeselect={false}
          data={CONDITIONS.map((one) => ({ value: one, label: t(`overflow.conditions.${one}`) }))}
          value={value.when}
          onChange={(chosen) => {
            const when = chosen as Rule["when"];
            put({ when, limit: LIMITS[when] ?? 0 });
          }}
        />
        {limited && (
          <NumberInput
            size="xs"
            w={120}
            min={1}
            label={t(value.when === "full" ? "overflow.limitPeople" : "overflow.limitSeconds")}
            value={value.limit ?? 0}
            onChange={(limit) => put({ limit: Number(limit) })}
          />
        )}
        <Checkbox.Group
          size="xs"
          label={t("overflow.media")}
          value={[...(value.media ?? [])]}
          onChange={(media) => put({ media: media as NonNullable<Rule["media"]> })}
        >
          <Group gap="xs">
            {MEDIA.map((medium) => (
              <Checkbox
                key={medium}
                size="xs"
                value={medium}
                label={t(`common:medium.${medium}`)}
              />
            ))}
          </Group>
        </Checkbox.Group>
      </Group>
      {standing && (
        <Checkbox
          size="xs"
          label={t("overflow.waitingToo")}
          checked={value.waiting_too ?? false}
          onChange={(event) => put({ waiting_too: event.currentTarget.checked })}
        />
      )}
      <StepInput
        queueId={queueId}
        actions={ACTIONS}
        value={value.step}
        onChange={(step) =>
          put({
            step,
            options: step.action === "menu" ? (value.options ?? []) : [],
            ...(step.action === "answer" ? { media: ["email"] } : {}),
          })
        }
      />
      {value.step.action === "menu" && (
        <OptionsInput
          queueId={queueId}
          value={[...(value.options ?? [])]}
          onChange={(options) => put({ options })}
        />
      )}
    </Stack>
  );
}

interface StepInputProps {
  queueId: string | null;
  actions: readonly Step["action"][];
  value: Step;
  onChange: (value: Step) => void;
}

function StepInput({ queueId, actions, value, onChange }: StepInputProps) {
  const { t } = useTranslation("admin");
  const put = (change: Partial<Step>) => onChange({ ...value, ...change });
  const { action } = value;
  return (
    <Group gap="xs" align="flex-end">
      <Select
        size="xs"
        label={t("overflow.then")}
        w={230}
        allowDeselect={false}
        data={actions.map((one) => ({ value: one, label: t(`overflow.actions.${one}`) }))}
        value={action}
        onChange={(one) => onChange({ action: one as Step["action"] })}
      />
      {action === "queue" && <QueueSelect queueId={queueId} value={value} put={put} />}
      {action === "group" && <GroupSelect value={value} put={put} />}
      {action === "number" && (
        <TextInput
          size="xs"
          label={t("overflow.number")}
          placeholder="+442079460000"
          value={value.number ?? ""}
          onChange={(event) => put({ number: event.currentTarget.value.replace(/\s/g, "") })}
        />
      )}
      {action === "answer" && <AnswerSelect value={value} put={put} />}
      {!["queue", "group", "answer"].includes(action) && (
        <AnnouncementSelect
          size="xs"
          label={t("overflow.announcement")}
          value={value.announcement_id ?? null}
          onChange={(announcement_id) => put({ announcement_id })}
        />
      )}
    </Group>
  );
}

interface TargetProps {
  value: Step;
  put: (change: Partial<Step>) => void;
}

function QueueSelect({ queueId, value, put }: TargetProps & { queueId: string | null }) {
  const { t } = useTranslation("admin");
  const queues = (useQueues().data ?? []).filter((queue) => queue.queue_id !== queueId);
  return (
    <Select
      size="xs"
      label={t("overflow.queue")}
      data={queues.map((queue) => ({ value: queue.queue_id, label: queue.name }))}
      value={value.queue_id ?? null}
      onChange={(queue_id) => put({ queue_id })}
    />
  );
}

function GroupSelect({ value, put }: TargetProps) {
  const { t } = useTranslation("admin");
  const groups = useGroups().data ?? [];
  return (
    <Select
      size="xs"
      label={t("overflow.group")}
      data={groups.map((group) => ({ value: group.group_id, label: group.name }))}
      value={value.group_id ?? null}
      onChange={(group_id) => put({ group_id })}
    />
  );
}

function AnswerSelect({ value, put }: TargetProps) {
  const { t } = useTranslation("admin");
  const answers = useAnswers().data ?? [];
  return (
    <Select
      size="xs"
      label={t("overflow.answer")}
      placeholder={answers.length === 0 ? t("overflow.noAnswers") : undefined}
      data={answers.map((one) => ({ value: one.answer_id, label: one.name }))}
      value={value.answer_id ?? null}
      onChange={(answer_id) => put({ answer_id })}
    />
  );
}

interface OptionsInputProps {
  queueId: string | null;
  value: Option[];
  onChange: (value: Option[]) => void;
}

const CHOICES = ACTIONS.filter((action) => action !== "menu" && action !== "answer");

function OptionsInput({ queueId, value, onChange }: OptionsInputProps) {
  const { t } = useTranslation("admin");
  const put = (index: number, option: Option) =>
    onChange(value.map((other, place) => (place === index ? option : other)));
  const free = "1234567890".split("").find((digit) => value.every((one) => one.digit !== digit));
  return (
    <Stack gap="xs" pl="md" align="flex-start">
      {value.map((option, index) => (
        <Group key={index} gap="xs" align="flex-end">
          <TextInput
            size="xs"
            w={60}
            label={t("overflow.digit")}
            maxLength={1}
            value={option.digit}
            onChange={(event) =>
              put(index, { ...option, digit: event.currentTarget.value.replace(/\D/g, "") })
            }
          />
          <StepInput
            queueId={queueId}
            actions={CHOICES}
            value={option.step}
            onChange={(step) => put(index, { ...option, step })}
          />
          <Small
            label={t("overflow.removeDigit")}
            onClick={() => onChange(value.filter((_, place) => place !== index))}
            icon={<IconX size={14} />}
          />
        </Group>
      ))}
      {free !== undefined && (
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPlus size={12} />}
          onClick={() => onChange([...value, { digit: free, step: { action: "voicemail" } }])}
        >
          {t("overflow.addDigit")}
        </Button>
      )}
    </Stack>
  );
}
