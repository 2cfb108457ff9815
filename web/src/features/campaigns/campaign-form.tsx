/** Make or change a campaign. */
import {
  Button,
  Checkbox,
  Grid,
  Group,
  Input,
  NumberInput,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
} from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { SkillsInput } from "@/components/skills-input";
import {
  useQueues,
  useRuleProfiles,
  useSaveCampaign,
  useTrunks,
  type Campaign,
  type CampaignNew,
  type Mode,
} from "./api/campaigns";
import { AgentlessFields, AnswerDetection } from "./answer-fields";
import { useHolidays } from "./api/holidays";
import type { NumberKind } from "./number-columns";
import { useRegionChoices } from "./regions";
import { DEFAULT_RETRIES, RetryRules, type Retry } from "./retry-rules";

type Hours = CampaignNew["hours"];

export interface Draft {
  name: string;
  queue_id: string | null;
  needs: Campaign["needs"];
  mode: Mode;
  drop_limit_pct: number;
  profile: string;
  caller_id: string;
  trunk_id: string | null;
  ring_s: number;
  max_attempts: number;
  lines_per_agent: number;
  default_region: string;
  holiday_region: string;
  consent_required: boolean;
  callback_wait_min: number;
  weight: number;
  preview_s: number;
  preview_then: Campaign["preview_then"];
  connect_key: boolean;
  forbid_key: boolean;
  message: string;
  drop_message: string;
  calls_per_second: number;
  max_lines: number;
  answer_detection: boolean;
  on_machine: Campaign["on_machine"];
  retries: Retry[];
  number_order: NumberKind[];
  max_attempts_number: number;
  next_number_s: number;
  weekdays: number[];
  start: string;
  end: string;
}

const MODES = ["manual", "preview", "progressive", "power", "predictive", "agentless"] as const;
const MIDNIGHT = "00:00";
const WEEK = [1, 2, 3, 4, 5, 6, 7];
// 2024-01-01 was a Monday.
const dayName = (day: number, language: string) =>
  new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" }).format(
    Date.UTC(2024, 0, day),
  );

const FRESH: Draft = {
  name: "",
  queue_id: null,
  needs: [],
  mode: "predictive",
  drop_limit_pct: 3,
  profile: "NONE",
  caller_id: "",
  trunk_id: null,
  ring_s: 25,
  max_attempts: 5,
  lines_per_agent: 1.5,
  default_region: "US",
  holiday_region: "",
  consent_required: false,
  callback_wait_min: 15,
  weight: 1,
  preview_s: 60,
  preview_then: "skip",
  connect_key: false,
  forbid_key: true,
  message: "",
  drop_message: "",
  calls_per_second: 1,
  max_lines: 10,
  answer_detection: false,
  on_machine: "hang_up",
  retries: DEFAULT_RETRIES,
  number_order: [],
  max_attempts_number: 0,
  next_number_s: 60,
  weekdays: [1, 2, 3, 4, 5],
  start: "09:00",
  end: "20:00",
};

export function draftOf(campaign: Campaign | null): Draft {
  if (campaign === null) return FRESH;
  const [hours] = campaign.hours;
  return {
    name: campaign.name,
    queue_id: campaign.queue_id,
    needs: campaign.needs,
    mode: campaign.mode,
    drop_limit_pct: campaign.drop_limit_pct,
    profile: campaign.profile,
    caller_id: campaign.caller_id,
    trunk_id: campaign.trunk_id,
    ring_s: campaign.ring_s,
    max_attempts: campaign.max_attempts,
    lines_per_agent: campaign.lines_per_agent,
    default_region: campaign.default_region,
    holiday_region: campaign.holiday_region,
    consent_required: campaign.consent_required,
    callback_wait_min: campaign.callback_wait_min,
    weight: campaign.weight,
    preview_s: campaign.preview_s,
    preview_then: campaign.preview_then,
    connect_key: campaign.connect_key,
    forbid_key: campaign.forbid_key,
    message: campaign.message,
    drop_message: campaign.drop_message,
    calls_per_second: campaign.calls_per_second,
    max_lines: campaign.max_lines,
    answer_detection: campaign.answer_detection,
    on_machine: campaign.on_machine,
    retries: campaign.retries,
    number_order: campaign.number_order,
    max_attempts_number: campaign.max_attempts_number,
    next_number_s: campaign.next_number_s,
    weekdays: hours?.weekdays ?? [],
    start: hours?.start ?? FRESH.start,
    // A field for a time of day has no 24:00.
    end: hours ? hours.end.replace("24:00", MIDNIGHT) : FRESH.end,
  };
}

/** Whether the hours end before they begin, which would mean that nobody is ever dialled. */
export function isBackwards({ weekdays, start, end }: Draft): boolean {
  return weekdays.length > 0 && end !== MIDNIGHT && end <= start;
}

/** Return the request for a draft; null while something needed is missing. */
export function bodyOf(draft: Draft, before: Campaign | null): CampaignNew | null {
  if (draft.name.trim() === "" || draft.queue_id === null) return null;
  const { weekdays, start, ...rest } = draft;
  const end = draft.end === MIDNIGHT ? "24:00" : draft.end;
  if (isBackwards(draft)) return null;
  // Only the first span of hours is edited here; others that the API was given stay.
  const others = before?.hours.slice(1) ?? [];
  const hours: Hours = weekdays.length > 0 ? [{ weekdays, start, end }, ...others] : others;
  const caller_id = draft.caller_id.replace(/[\s().-]/g, "");
  return { ...rest, name: draft.name.trim(), queue_id: draft.queue_id, caller_id, hours };
}

interface CampaignFormProps {
  campaign: Campaign | null;
  onSaved: (campaignId: string) => void;
}

export function CampaignForm({ campaign, onSaved }: CampaignFormProps) {
  const { t } = useTranslation("campaigns");
  const [draft, setDraft] = useState(() => draftOf(campaign));
  const save = useSaveCampaign(campaign?.campaign_id ?? null);
  const put = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const body = bodyOf(draft, campaign);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (body) save.mutate(body, { onSuccess: (saved) => onSaved(saved.campaign_id) });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Purpose draft={draft} put={put} />
        <Pace draft={draft} put={put} />
        <RetryRules
          rules={draft.retries}
          onRules={(retries) => put({ retries })}
          order={draft.number_order}
          onOrder={(number_order) => put({ number_order })}
          cap={draft.max_attempts_number}
          onCap={(max_attempts_number) => put({ max_attempts_number })}
          pauseS={draft.next_number_s}
          onPause={(next_number_s) => put({ next_number_s })}
        />
        <AnswerDetection draft={draft} put={put} />
        <CallingHours draft={draft} put={put} />
        <Permission draft={draft} put={put} />
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending} disabled={isBackwards(draft)}>
            {campaign ? t("common:action.save") : t("form.create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export interface PartProps {
  draft: Draft;
  put: (change: Partial<Draft>) => void;
}

function Purpose({ draft, put }: PartProps) {
  const { t } = useTranslation("campaigns");
  const queues = useQueues();
  const trunks = useTrunks();
  return (
    <>
      <TextInput
        label={t("form.name")}
        required
        pattern=".*\S.*"
        maxLength={200}
        value={draft.name}
        onChange={(event) => put({ name: event.currentTarget.value })}
      />
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Select
          label={t("form.queue")}
          description={t("form.queueNote")}
          required
          data={(queues.data ?? []).map((row) => ({ value: row.queue_id, label: row.name }))}
          value={draft.queue_id}
          onChange={(value) => put({ queue_id: value })}
          searchable
        />
        <TextInput
          label={t("form.callerId")}
          description={t("form.callerIdNote")}
          placeholder="+4930123456"
          title={t("form.callerIdForm")}
          pattern="\+[1-9][0-9 \(\).\-]{6,24}"
          value={draft.caller_id}
          onChange={(event) => put({ caller_id: event.currentTarget.value })}
        />
        <Select
          label={t("form.trunk")}
          description={t("form.trunkNote")}
          data={(trunks.data ?? []).map((row) => ({ value: row.trunk_id, label: row.name }))}
          value={draft.trunk_id}
          onChange={(value) => put({ trunk_id: value })}
          placeholder={t("form.anyTrunk")}
          clearable
        />
      </SimpleGrid>
      <SkillsInput
        label={t("form.needs")}
        description={t("form.needsNote")}
        wishes
        value={draft.needs}
        onChange={(needs) => put({ needs })}
      />
    </>
  );
}

function Pace({ draft, put }: PartProps) {
  const { t, i18n } = useTranslation("campaigns");
  const profiles = useRuleProfiles();
  const chinese = i18n.language.startsWith("zh");
  const profile = profiles.data?.find((each) => each.code === draft.profile);
  return (
    <>
      <Stack gap={4}>
        <Input.Label id="campaign-mode">{t("form.mode")}</Input.Label>
        <SegmentedControl
          aria-labelledby="campaign-mode"
          value={draft.mode}
          onChange={(value) => put({ mode: value as Mode })}
          data={MODES.map((mode) => ({
            value: mode,
            label: t(`terms:campaignMode.${mode}`),
          }))}
        />
        <Text size="xs" c="dimmed">
          {t(`form.modeNote.${draft.mode}`)}
        </Text>
      </Stack>
      <Grid>
        <Grid.Col span={8}>
          <Select
            label={t("form.profile")}
            description={
              profile
                ? t(`form.law.${profile.code}`, { defaultValue: profile.source })
                : t("form.profileNote")
            }
            allowDeselect={false}
            data={(profiles.data ?? []).map((each) => ({
              value: each.code,
              label: `${each.code} · ${chinese ? each.title_zh : each.title_en}`,
            }))}
            value={draft.profile}
            onChange={(value) => put({ profile: value ?? "NONE" })}
          />
        </Grid.Col>
        <Grid.Col span={4}>
          <NumberInput
            label={t("form.dropLimit")}
            description={t("form.dropLimitNote")}
            min={0}
            max={profile?.drop_limit_pct ?? 100}
            step={0.5}
            decimalScale={2}
            suffix=" %"
            value={draft.drop_limit_pct}
            onChange={(value) => put({ drop_limit_pct: Number(value) })}
          />
        </Grid.Col>
      </Grid>
      <SimpleGrid cols={{ base: 2, sm: 3 }}>
        <NumberInput
          label={t("form.ring")}
          description={t("form.ringNote")}
          min={5}
          max={120}
          suffix={t("common:unit.s")}
          value={draft.ring_s}
          onChange={(value) => put({ ring_s: Number(value) })}
        />
        <NumberInput
          label={t("form.attempts")}
          min={1}
          max={100}
          value={draft.max_attempts}
          onChange={(value) => put({ max_attempts: Number(value) })}
        />
        <NumberInput
          label={t("form.weight")}
          description={t("form.weightNote")}
          min={1}
          max={100}
          value={draft.weight}
          onChange={(value) => put({ weight: Math.max(1, Number(value)) })}
        />
        {draft.mode === "preview" && (
          <>
            <NumberInput
              label={t("form.previewTime")}
              min={5}
              max={3600}
              suffix={t("common:unit.s")}
              value={draft.preview_s}
              onChange={(value) => put({ preview_s: Number(value) })}
            />
            <Select
              label={t("form.previewThen")}
              allowDeselect={false}
              data={(["skip", "dial"] as const).map((then) => ({
                value: then,
                label: t(`form.previewThens.${then}`),
              }))}
              value={draft.preview_then}
              onChange={(value) => value && put({ preview_then: value as Draft["preview_then"] })}
            />
          </>
        )}
        {draft.mode === "agentless" && <AgentlessFields draft={draft} put={put} />}
        {draft.mode === "power" && (
          <NumberInput
            label={t("form.lines")}
            min={1}
            max={20}
            step={0.1}
            decimalScale={1}
            value={draft.lines_per_agent}
            onChange={(value) => put({ lines_per_agent: Number(value) })}
          />
        )}
      </SimpleGrid>
    </>
  );
}

function CallingHours({ draft, put }: PartProps) {
  const { t, i18n } = useTranslation("campaigns");
  const regions = useRegionChoices();
  return (
    <>
      <Checkbox.Group
        label={t("form.hours")}
        description={t("form.hoursNote")}
        value={draft.weekdays.map(String)}
        onChange={(days) => put({ weekdays: days.map(Number).sort((a, b) => a - b) })}
      >
        <Group mt={8} gap="md">
          {WEEK.map((day) => (
            <Checkbox key={day} value={String(day)} label={dayName(day, i18n.language)} />
          ))}
        </Group>
      </Checkbox.Group>
      <SimpleGrid cols={{ base: 2, sm: 3 }}>
        <TextInput
          type="time"
          label={t("form.from")}
          required
          disabled={draft.weekdays.length === 0}
          value={draft.start}
          onChange={(event) => put({ start: event.currentTarget.value })}
        />
        <TextInput
          type="time"
          label={t("form.to")}
          required
          error={isBackwards(draft) ? t("form.hoursBackwards") : undefined}
          disabled={draft.weekdays.length === 0}
          value={draft.end}
          onChange={(event) => put({ end: event.currentTarget.value })}
        />
        <Select
          label={t("form.region")}
          allowDeselect={false}
          searchable
          data={regions}
          value={draft.default_region}
          onChange={(value) => put({ default_region: value ?? draft.default_region })}
        />
      </SimpleGrid>
    </>
  );
}

function Permission({ draft, put }: PartProps) {
  const { t } = useTranslation("campaigns");
  const holidays = useHolidays();
  const profiles = useRuleProfiles();
  const byLaw = profiles.data?.find((each) => each.code === draft.profile)?.consent_needed;
  const needed = byLaw || draft.mode === "agentless";
  const regions = new Set((holidays.data ?? []).map((each) => each.region));
  if (draft.holiday_region !== "") regions.add(draft.holiday_region);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Select
        label={t("form.holidays")}
        description={t("form.holidaysNote")}
        placeholder={t("form.holidaysNone")}
        clearable
        data={[...regions].sort()}
        value={draft.holiday_region === "" ? null : draft.holiday_region}
        onChange={(value) => put({ holiday_region: value ?? "" })}
      />
      <Switch
        label={t("form.consent")}
        description={
          needed ? t(byLaw ? "form.consentByLaw" : "form.consentByMode") : t("form.consentNote")
        }
        disabled={needed}
        checked={needed || draft.consent_required}
        onChange={(event) => put({ consent_required: event.currentTarget.checked })}
      />
      <NumberInput
        label={t("form.callbackWait")}
        description={t("form.callbackWaitNote")}
        min={0}
        max={10080}
        suffix={t("common:unit.min")}
        value={draft.callback_wait_min}
        onChange={(value) => put({ callback_wait_min: Number(value) })}
      />
    </SimpleGrid>
  );
}
