/** How a campaign tries again: which number comes first, and what follows each outcome. */
import {
  Group,
  MultiSelect,
  NumberInput,
  SimpleGrid,
  Stack,
  Switch,
  Table,
  Text,
} from "@mantine/core";
import { useTranslation } from "react-i18next";
import { longText } from "@/lib/format";
import type { Campaign } from "./api/campaigns";
import { KINDS, type NumberKind } from "./number-columns";

export type Retry = Campaign["retries"][number];

const OUTCOMES = [
  "busy",
  "no_answer",
  "rejected",
  "unreachable",
  "machine",
  "hung_up",
  "dropped",
  "congestion",
  "failed",
  "cancelled",
] as const satisfies readonly Retry["outcome"][];

const rule = (
  outcome: Retry["outcome"],
  delay_s: number,
  attempts: number,
  next_number = false,
): Retry => ({ outcome, delay_s, attempts, next_number });

/** What a new campaign begins with; as the server has it. */
export const DEFAULT_RETRIES: Retry[] = [
  rule("busy", 600, 3),
  rule("no_answer", 7200, 3, true),
  rule("rejected", 14400, 2),
  rule("unreachable", 3600, 3, true),
  rule("machine", 14400, 3, true),
  rule("hung_up", 86400, 2),
  rule("dropped", 259200, 2),
  rule("congestion", 300, 10),
  rule("failed", 60, 10),
  rule("cancelled", 600, 10),
];

/** Return the rules with one outcome's changed; without attempts the outcome has no rule. */
export function changed(rules: Retry[], outcome: Retry["outcome"], change: Partial<Retry>) {
  const before = rules.find((rule) => rule.outcome === outcome) ?? {
    outcome,
    delay_s: 3600,
    attempts: 0,
    next_number: false,
  };
  const after = { ...before, ...change };
  const others = rules.filter((rule) => rule.outcome !== outcome);
  return after.attempts > 0 ? [...others, after] : others;
}

interface RetryRulesProps {
  rules: Retry[];
  onRules: (rules: Retry[]) => void;
  order: NumberKind[];
  onOrder: (order: NumberKind[]) => void;
  cap: number;
  onCap: (cap: number) => void;
  pauseS: number;
  onPause: (pauseS: number) => void;
}

export function RetryRules(props: RetryRulesProps) {
  const { t } = useTranslation("campaigns");
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <MultiSelect
          label={t("form.numberOrder")}
          description={t("form.numberOrderNote")}
          placeholder={props.order.length === 0 ? t("form.numberOrderList") : undefined}
          data={KINDS.map((kind) => ({ value: kind, label: t(`terms:numberKind.${kind}`) }))}
          value={props.order}
          onChange={(kinds) => props.onOrder(kinds as NumberKind[])}
        />
        <NumberInput
          label={t("form.numberAttempts")}
          description={t("form.numberAttemptsNote")}
          min={0}
          max={100}
          value={props.cap}
          onChange={(value) => props.onCap(Number(value))}
        />
        <NumberInput
          label={t("form.nextNumber")}
          description={t("form.nextNumberNote")}
          min={0}
          max={1440}
          decimalScale={1}
          suffix={t("common:unit.min")}
          value={props.pauseS / 60}
          onChange={(value) => props.onPause(Math.round(60 * Number(value)))}
        />
      </SimpleGrid>
      <Text size="sm" fw={600}>
        {t("form.retries")}
      </Text>
      <Table.ScrollContainer minWidth={560}>
        <Table fz="sm" verticalSpacing={4} aria-label={t("form.retries")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("form.retryOutcome")}</Table.Th>
              <Table.Th>{t("form.retryTimes")}</Table.Th>
              <Table.Th>{t("form.retryDelay")}</Table.Th>
              <Table.Th>{t("form.retryNext")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {OUTCOMES.map((outcome) => (
              <Rule key={outcome} outcome={outcome} rules={props.rules} onRules={props.onRules} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

interface RuleProps {
  outcome: Retry["outcome"];
  rules: Retry[];
  onRules: (rules: Retry[]) => void;
}

function Rule({ outcome, rules, onRules }: RuleProps) {
  const { t, i18n } = useTranslation("campaigns");
  const rule = rules.find((each) => each.outcome === outcome);
  const name = t(`terms:outcome.${outcome}`);
  const put = (change: Partial<Retry>) => onRules(changed(rules, outcome, change));
  return (
    <Table.Tr>
      <Table.Td>{name}</Table.Td>
      <Table.Td>
        <NumberInput
          size="xs"
          w={90}
          min={0}
          max={100}
          aria-label={`${name}: ${t("form.retryTimes")}`}
          value={rule?.attempts ?? 0}
          onChange={(value) => put({ attempts: Number(value) })}
        />
      </Table.Td>
      <Table.Td>
        <Group gap={8} wrap="nowrap">
          <NumberInput
            size="xs"
            w={120}
            min={0}
            max={129600}
            decimalScale={1}
            suffix={t("common:unit.min")}
            disabled={!rule}
            aria-label={`${name}: ${t("form.retryDelay")}`}
            value={rule ? rule.delay_s / 60 : ""}
            onChange={(value) => put({ delay_s: Math.round(60 * Number(value)) })}
          />
          <Text size="xs" c="dimmed">
            {rule && longText(rule.delay_s / 60, i18n.language)}
          </Text>
        </Group>
      </Table.Td>
      <Table.Td>
        <Switch
          disabled={!rule}
          aria-label={`${name}: ${t("form.retryNext")}`}
          checked={rule?.next_number ?? false}
          onChange={(event) => put({ next_number: event.currentTarget.checked })}
        />
      </Table.Td>
    </Table.Tr>
  );
}
