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
          <Interruptions value={draft.may_join} onChange={(may_join) => put({ may_join })} />
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
          suffix=" s"
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
      suffix=" s"
      value={value}
      onChange={(typed) => onChange(Number(typed))}
    />
  );
}

interface InterruptionsProps {
  value: Policy["may_join"];
  onChange: (value: Policy["may_join"]) => void;
}

function Interruptions({ value, onChange }: InterruptionsProps) {
  const { t } = useTranslation("admin");
  const set = (held: number, other: number, may: boolean) => {
    const next = value.map((row) => [...row]) as Policy["may_join"];
    const row = next[held];
    if (row) row[other] = may;
    onChange(next);
  };
  return (
    <Table w="auto" withTableBorder withColumnBorders>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("policy.held")}</Table.Th>
          {MEDIA.map((medium) => (
            <Table.Th key={medium} ta="center">
              {t(`policy.new.${medium}`)}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {MEDIA.map((held, row) => (
          <Table.Tr key={held}>
            <Table.Th scope="row">{t(`policy.with.${held}`)}</Table.Th>
            {MEDIA.map((other, column) => (
              <Table.Td key={other} ta="center">
                {row === column ? (
                  <Text size="xs" c="dimmed">
                    {t("policy.byCapacity")}
                  </Text>
                ) : (
                  <Checkbox
                    display="inline-block"
                    aria-label={`${t(`policy.with.${held}`)}: ${t(`policy.new.${other}`)}`}
                    checked={value[row]?.[column] ?? false}
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
