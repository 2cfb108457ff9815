/** What may interrupt what, and how waiting work is weighed. */
import {
  Button,
  Checkbox,
  Loader,
  NumberInput,
  SimpleGrid,
  Stack,
  Table,
  Text,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/components/panel";
import { usePolicy, useSavePolicy, type Policy } from "./api/routing";
import { PerMedium } from "./per-medium";

const MEDIA = ["voice", "email", "chat"] as const;

export function PolicyPanel() {
  const policy = usePolicy();
  if (!policy.data) return <Loader />;
  return <PolicyEditor key={JSON.stringify(policy.data)} policy={policy.data} />;
}

function PolicyEditor({ policy }: { policy: Policy }) {
  const { t } = useTranslation("admin");
  const [draft, setDraft] = useState(policy);
  const put = (change: Partial<Policy>) => setDraft((before) => ({ ...before, ...change }));
  const save = useSavePolicy();
  const changed = JSON.stringify(draft) !== JSON.stringify(policy);
  const submit = () =>
    save.mutate(draft, {
      onSuccess: () => notifications.show({ message: t("matrix.saved") }),
    });
  return (
    <Panel
      title={t("part.policy")}
      actions={
        <Button size="xs" disabled={!changed} loading={save.isPending} onClick={submit}>
          {t("common:action.save")}
        </Button>
      }
    >
      <Stack gap="lg" maw={640}>
        <div>
          <Text size="sm" c="dimmed" mb="xs">
            {t("policy.note")}
          </Text>
          <Interruptions policy={draft} onChange={put} />
        </div>
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <Weight
            name="priorityStep"
            value={draft.priority_step_s}
            onChange={(priority_step_s) => put({ priority_step_s })}
          />
          <Weight
            name="selectionStep"
            value={draft.selection_step_s}
            onChange={(selection_step_s) => put({ selection_step_s })}
          />
          <Weight
            name="rest"
            value={draft.reject_rest_s}
            onChange={(reject_rest_s) => put({ reject_rest_s })}
          />
        </SimpleGrid>
        <PerMedium
          label={t("policy.headStart")}
          description={t("policy.headStartNote")}
          value={draft.head_start_s}
          suffix={t("common:unit.s")}
          onChange={(head_start_s) => put({ head_start_s })}
        />
      </Stack>
    </Panel>
  );
}

interface WeightProps {
  name: "priorityStep" | "selectionStep" | "rest";
  value: number;
  onChange: (value: number) => void;
}

function Weight({ name, value, onChange }: WeightProps) {
  const { t } = useTranslation("admin");
  return (
    <NumberInput
      label={t(`policy.${name}`)}
      description={t(`policy.${name}Note`)}
      inputWrapperOrder={["label", "input", "description"]}
      min={0}
      suffix={t("common:unit.s")}
      value={value}
      onChange={(typed) => onChange(Number(typed))}
    />
  );
}

interface InterruptionsProps {
  policy: Policy;
  onChange: (change: Partial<Policy>) => void;
}

/** Rows: what an agent has; columns: what they may get beside it. */
const KINDS = [...MEDIA, "own"] as const;
const OWN = MEDIA.length;

function Interruptions({ policy, onChange }: InterruptionsProps) {
  const { t } = useTranslation("admin");
  const table = joins(policy);
  const set = (held: number, other: number, may: boolean) =>
    onChange(
      split(
        table.map((row, at) =>
          at === held ? row.map((old, n) => (n === other ? may : old)) : row,
        ),
      ),
    );
  return (
    <Table w="auto" withTableBorder withColumnBorders>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("policy.held")}</Table.Th>
          {KINDS.map((kind) => (
            <Table.Th key={kind} ta="center">
              {t(`policy.new.${kind}`)}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {KINDS.map((held, row) => (
          <Table.Tr key={held}>
            <Table.Th scope="row">{t(`policy.with.${held}`)}</Table.Th>
            {KINDS.map((other, column) => (
              <Table.Td key={other} ta="center">
                {row === column ? (
                  <Text size="xs" c="dimmed">
                    {t(row === OWN ? "policy.oneOnly" : "policy.byCapacity")}
                  </Text>
                ) : (
                  <Checkbox
                    display="inline-block"
                    aria-label={`${t(`policy.with.${held}`)}: ${t(`policy.new.${other}`)}`}
                    checked={table[row]?.[column] ?? false}
                    onChange={(event) => set(row, column, event.currentTarget.checked)}
                  />
                )}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** One table of what the policy keeps in three parts. */
function joins(policy: Policy): boolean[][] {
  const rows = policy.may_join.map((row, held) => [
    ...row,
    policy.own_call_may_join[held] ?? false,
  ]);
  return [...rows, [...policy.may_join_own_call, false]];
}

function split(table: boolean[][]): Partial<Policy> {
  const rows = table.slice(0, OWN);
  return {
    may_join: rows.map((row) => row.slice(0, OWN)) as Policy["may_join"],
    own_call_may_join: rows.map((row) => row[OWN]) as Policy["own_call_may_join"],
    may_join_own_call: table[OWN]?.slice(0, OWN) as Policy["may_join_own_call"],
  };
}
