/** Which contacts are dialled in which order, and up to which quotas. */
import {
  Alert,
  Button,
  Group,
  Loader,
  NumberInput,
  Select,
  Stack,
  Switch,
  Text,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconHourglass } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/components/panel";
import { hasRole, useMe } from "@/lib/session";
import { useTexts } from "@/lib/use-texts";
import {
  useFields,
  useListPlan,
  useMatching,
  usePenetration,
  useSaveListPlan,
  type ListPlan,
  type ListPlanBody,
} from "./api/list-plan";
import { useFieldLabel } from "./field-label";
import { Filters, isWhole } from "./list-filters";
import { MixWeights } from "./list-mix";
import { Quotas } from "./list-quotas";

export const ORDERS = ["imported", "newest", "oldest", "fewest", "random", "field"] as const;
export type Draft = Required<ListPlanBody>;

export function draftOf(plan: ListPlan): Draft {
  const { order, by_field, descending, seed, retries_first, weights, filters, quotas } = plan;
  return {
    order,
    by_field,
    descending,
    seed,
    retries_first,
    weights,
    filters,
    quotas: quotas.map(({ field, value, disposition, limit }) => ({
      field,
      value,
      disposition,
      limit,
    })),
  };
}

/** Tell whether a draft can be saved: nothing half filled in. */
export function isSavable(draft: Draft): boolean {
  const ordered = draft.order !== "field" || draft.by_field !== "";
  const quotas = draft.quotas.every((each) => each.field !== "" && each.disposition !== "");
  return ordered && quotas && draft.filters.every(isWhole);
}

export function ListPlanPanel({ campaignId }: { campaignId: string }) {
  const plan = useListPlan(campaignId);
  if (!plan.data) return <Loader size="sm" />;
  return <Edited campaignId={campaignId} plan={plan.data} />;
}

interface EditedProps {
  campaignId: string;
  plan: ListPlan;
}

function Edited({ campaignId, plan }: EditedProps) {
  const { t } = useTranslation("campaigns");
  const [changed, setChanged] = useState<Draft | null>(null);
  const draft = changed ?? draftOf(plan);
  const put = (change: Partial<Draft>) => setChanged({ ...draft, ...change });
  const save = useSaveListPlan(campaignId);
  const fields = useFields(campaignId).data ?? [];
  const lists = usePenetration(campaignId, "").data ?? [];
  const mayChange = hasRole(useMe(), ["manager", "admin"]);
  const send = () =>
    save.mutate(draft, {
      onSuccess: () => {
        setChanged(null);
        notifications.show({ message: t("plan.saved") });
      },
    });
  return (
    <Panel title={t("plan.title")}>
      <fieldset disabled={!mayChange} style={{ border: 0, margin: 0, padding: 0 }}>
        <Stack>
          {plan.arranging && (
            <Alert color="blue" icon={<IconHourglass />}>
              {t("plan.arranging")}
            </Alert>
          )}
          <OrderFields draft={draft} put={put} fields={fields} />
          <MixWeights
            lists={lists}
            weights={draft.weights}
            onChange={(weights) => put({ weights })}
          />
          <Filters
            fields={fields}
            lists={lists}
            value={draft.filters}
            onChange={(filters) => put({ filters })}
          />
          <Matching campaignId={campaignId} draft={draft} />
          <Quotas
            fields={fields}
            stands={plan.quotas}
            value={draft.quotas}
            onChange={(quotas) => put({ quotas })}
          />
          {mayChange && (
            <Group justify="flex-end">
              {changed && !isSavable(draft) && (
                <Text size="sm" c="dimmed">
                  {t("plan.unfinished")}
                </Text>
              )}
              <Button variant="default" disabled={!changed} onClick={() => setChanged(null)}>
                {t("plan.undo")}
              </Button>
              <Button
                loading={save.isPending}
                disabled={!changed || !isSavable(draft)}
                onClick={send}
              >
                {t("common:action.save")}
              </Button>
            </Group>
          )}
        </Stack>
      </fieldset>
    </Panel>
  );
}

interface OrderFieldsProps {
  draft: Draft;
  put: (change: Partial<Draft>) => void;
  fields: string[];
}

function OrderFields({ draft, put, fields }: OrderFieldsProps) {
  const { t } = useTranslation("campaigns");
  const label = useFieldLabel();
  return (
    <Group align="flex-end">
      <Select
        w={240}
        label={t("plan.order")}
        allowDeselect={false}
        data={ORDERS.map((order) => ({ value: order, label: t(`plan.orders.${order}`) }))}
        value={draft.order}
        onChange={(order) => order && put({ order: order as Draft["order"] })}
      />
      {draft.order === "random" && (
        <NumberInput
          w={120}
          label={t("plan.seed")}
          min={0}
          max={2147483647}
          value={draft.seed}
          onChange={(value) => put({ seed: Number(value) })}
        />
      )}
      {draft.order === "field" && (
        <>
          <Select
            w={180}
            label={t("plan.field")}
            data={fields.map((field) => ({ value: field, label: label(field) }))}
            value={draft.by_field || null}
            onChange={(field) => put({ by_field: field ?? "" })}
          />
          <Select
            w={140}
            label={t("plan.direction")}
            allowDeselect={false}
            data={[
              { value: "up", label: t("plan.up") },
              { value: "down", label: t("plan.down") },
            ]}
            value={draft.descending ? "down" : "up"}
            onChange={(way) => put({ descending: way === "down" })}
          />
        </>
      )}
      <Switch
        mb={8}
        label={t("plan.retriesFirst")}
        checked={draft.retries_first}
        onChange={(event) => put({ retries_first: event.currentTarget.checked })}
      />
    </Group>
  );
}

function Matching({ campaignId, draft }: { campaignId: string; draft: Draft }) {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  const [filters] = useDebouncedValue(draft.filters.filter(isWhole), 400);
  const count = useMatching(campaignId, filters).data;
  if (!count || filters.length === 0) return null;
  return (
    <Text size="sm" className="omni-tabular">
      {t("plan.matching", {
        matching: texts.number(count.matching),
        contacts: texts.number(count.contacts),
      })}
    </Text>
  );
}
