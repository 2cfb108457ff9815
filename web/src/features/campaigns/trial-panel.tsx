/** Try it first: simulate a shift with settings typed in or from the past; compare side by side. */
import {
  Alert,
  Button,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Table,
  Text,
} from "@mantine/core";
import { IconAlertTriangle, IconFlask } from "@tabler/icons-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/components/panel";
import { errorText } from "@/lib/errors";
import { useTexts } from "@/lib/use-texts";
import { useTrial, type Campaign, type Mode, type Trial, type TrialNew } from "./api/campaigns";

const COMPARED = 4;
const MODES = ["progressive", "power", "predictive"] as const;

interface Draft {
  agents: number;
  hours: number;
  seeds: number;
  mode: Mode;
  drop_limit_pct: number;
  answer_rate_pct: number | null;
  contacts: number | null;
  talk_mean_s: number | null;
  wrap_up_mean_s: number | null;
  replay: boolean;
}

/** Return the start of yesterday in the reader's own time. */
export function yesterday(now: Date): string {
  const at = new Date(now);
  at.setDate(at.getDate() - 1);
  at.setHours(0, 0, 0, 0);
  return at.toISOString();
}

export function trialBody(draft: Draft, now: Date): TrialNew {
  const { replay, ...rest } = draft;
  return { ...rest, replay_from: replay ? yesterday(now) : null };
}

export function TrialPanel({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation("campaigns");
  const [draft, setDraft] = useState<Draft>({
    agents: 10,
    hours: 4,
    seeds: 3,
    mode: MODES.find((mode) => mode === campaign.mode) ?? "progressive",
    drop_limit_pct: campaign.drop_limit_pct,
    answer_rate_pct: null,
    contacts: null,
    talk_mean_s: null,
    wrap_up_mean_s: null,
    replay: false,
  });
  const [results, setResults] = useState<readonly Trial[]>([]);
  const trial = useTrial(campaign.campaign_id);
  const put = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    trial.mutate(trialBody(draft, new Date()), {
      onSuccess: (result) => setResults((before) => [...before, result].slice(-COMPARED)),
    });
  };
  return (
    <Stack>
      <Panel title={t("trial.title")}>
        <form onSubmit={submit}>
          <Stack>
            <Text size="sm" c="dimmed">
              {t("trial.note")}
            </Text>
            <Wishes draft={draft} put={put} />
            {trial.error && (
              <Alert color="red" icon={<IconAlertTriangle />}>
                {errorText(trial.error)}
              </Alert>
            )}
            <Group justify="flex-end">
              <Button type="submit" leftSection={<IconFlask size={18} />} loading={trial.isPending}>
                {t("trial.run")}
              </Button>
            </Group>
          </Stack>
        </form>
      </Panel>
      {results.length > 0 && <Results results={results} />}
    </Stack>
  );
}

interface WishesProps {
  draft: Draft;
  put: (change: Partial<Draft>) => void;
}

function Wishes({ draft, put }: WishesProps) {
  const { t } = useTranslation("campaigns");
  const from = t("trial.fromPast");
  const optional = (
    name: "answer_rate_pct" | "contacts" | "talk_mean_s" | "wrap_up_mean_s",
    suffix: string,
    max: number,
  ) => (
    <NumberInput
      label={t(`trial.wish.${name}`)}
      placeholder={from}
      min={1}
      max={max}
      suffix={suffix}
      value={draft[name] ?? ""}
      onChange={(value) => put({ [name]: value === "" ? null : Number(value) })}
    />
  );
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }}>
        <NumberInput
          label={t("trial.wish.agents")}
          min={1}
          max={500}
          value={draft.agents}
          onChange={(value) => put({ agents: Math.max(1, Number(value)) })}
        />
        <NumberInput
          label={t("trial.wish.hours")}
          min={0.5}
          max={12}
          step={0.5}
          suffix={t("common:unit.h")}
          disabled={draft.replay}
          value={draft.hours}
          onChange={(value) => put({ hours: Number(value) || 1 })}
        />
        <Select
          label={t("form.mode")}
          allowDeselect={false}
          data={MODES.map((mode) => ({ value: mode, label: t(`terms:campaignMode.${mode}`) }))}
          value={draft.mode}
          onChange={(value) => value && put({ mode: value as Mode })}
        />
        <NumberInput
          label={t("form.dropLimit")}
          min={0}
          max={100}
          step={0.5}
          suffix=" %"
          value={draft.drop_limit_pct}
          onChange={(value) => put({ drop_limit_pct: Number(value) })}
        />
        <NumberInput
          label={t("trial.wish.seeds")}
          min={1}
          max={20}
          value={draft.seeds}
          onChange={(value) => put({ seeds: Math.max(1, Number(value)) })}
        />
        {optional("answer_rate_pct", " %", 95)}
        {optional("talk_mean_s", t("common:unit.s"), 3600)}
        {optional("wrap_up_mean_s", t("common:unit.s"), 1800)}
        {optional("contacts", "", 10_000_000)}
      </SimpleGrid>
      <Switch
        label={t("trial.replay")}
        description={t("trial.replayNote")}
        checked={draft.replay}
        onChange={(event) => put({ replay: event.currentTarget.checked })}
      />
    </>
  );
}

const BANDS = [
  "finish_h",
  "talk_min_per_agent_hour",
  "utilisation_pct",
  "wait_mean_s",
  "drop_pct",
  "dialled",
  "answered",
  "penetration_pct",
] as const;

function Results({ results }: { results: readonly Trial[] }) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const assumed = (result: Trial) =>
    t("trial.assumed", {
      agents: result.assumed.agents,
      mode: t(`terms:campaignMode.${result.assumed.mode}`),
      limit: texts.pct(result.assumed.drop_limit_pct),
      rate: texts.pct(result.assumed.answer_rate_pct),
      talk: texts.clock(result.assumed.talk_mean_s),
      wrapUp: texts.clock(result.assumed.wrap_up_mean_s),
      hours: texts.number(result.assumed.hours),
    });
  return (
    <Panel flush title={t("trial.results")}>
      <Table.ScrollContainer minWidth={480}>
        <Table aria-label={t("trial.results")} verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("trial.figure")}</Table.Th>
              {results.map((result, place) => (
                // The results have no other name than their order.
                <Table.Th key={place} fw={500} maw={220}>
                  <Text size="xs">{assumed(result)}</Text>
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {BANDS.map((name) => (
              <Table.Tr key={name}>
                <Table.Td>{t(`trial.band.${name}`)}</Table.Td>
                {results.map((result, place) => (
                  <Table.Td key={place}>
                    <Band band={result[name]} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
            <Table.Tr>
              <Table.Td>{t("trial.band.worst_drop_pct")}</Table.Td>
              {results.map((result, place) => (
                <Table.Td key={place}>{texts.pct(result.worst_drop_pct)}</Table.Td>
              ))}
            </Table.Tr>
            <Table.Tr>
              <Table.Td>{t("trial.band.predictive_gain_pct")}</Table.Td>
              {results.map((result, place) => (
                <Table.Td key={place}>{texts.pct(result.predictive_gain_pct)}</Table.Td>
              ))}
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Panel>
  );
}

function Band({ band }: { band: Trial["drop_pct"] | null }) {
  const texts = useTexts();
  if (band === null) return "–";
  return (
    <>
      <Text span fw={600} size="sm">
        {texts.number(band.mean)}
      </Text>{" "}
      {band.low !== band.high && (
        <Text span size="xs" c="dimmed">
          {texts.number(band.low)} … {texts.number(band.high)}
        </Text>
      )}
    </>
  );
}
