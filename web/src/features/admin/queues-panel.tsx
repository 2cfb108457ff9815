/** Queues: how their agents are chosen, how long an offer stands, the target. */
import { Badge, NumberInput, Select, SimpleGrid, Switch } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { SkillsInput } from "@/components/skills-input";
import type { Column } from "@/components/data-table";
import {
  useQueues,
  useSaveQueue,
  type Queue,
  type QueueNew,
  type Ring,
  type Skill,
} from "./api/routing";
import { Editing, FormFrame } from "./editing";
import { NameField } from "./name-field";
import { isTaken } from "./taken";
import { PerMedium, type Triple } from "./per-medium";
import { RingsInput } from "./rings-input";
import { TurnsInput, type Turns } from "./turns-input";

const RULES = [
  "longest_idle",
  "most_skilled",
  "least_occupied",
  "round_robin",
  "priority_order",
  "random",
] as const;

export function QueuesPanel() {
  const { t } = useTranslation("admin");
  const queues = useQueues();
  const columns = useMemo<Column<Queue>[]>(
    () => [
      { key: "name", title: t("name"), sort: (row) => row.name, cell: (row) => row.name },
      {
        key: "state",
        title: t("state"),
        cell: (row) => (row.open === false ? t("closed") : t("open")),
      },
      {
        key: "rule",
        title: t("queue.rule"),
        cell: (row) => t(`queue.rules.${row.rule ?? "longest_idle"}`),
      },
      {
        key: "target",
        title: t("queue.target"),
        number: true,
        cell: (row) => t("seconds", { value: row.target_answer_s }),
      },
      {
        key: "rules",
        title: t("overflow.title"),
        cell: (row) =>
          row.turns?.overflow?.length
            ? t("overflow.rules", { count: row.turns.overflow.length })
            : "",
      },
      {
        key: "served",
        title: "",
        cell: (row) =>
          !row.served && (
            <Badge color="orange" variant="light" tt="none">
              {t("queue.unserved")}
            </Badge>
          ),
      },
    ],
    [t],
  );
  return (
    <Editing
      title={t("part.queues")}
      addLabel={t("queue.add")}
      columns={columns}
      rows={queues.data}
      rowKey={(row) => row.queue_id}
      size="xl"
      form={(row, close) => <QueueForm queue={row} onSaved={close} />}
    />
  );
}

interface Draft {
  name: string;
  open: boolean;
  target_answer_s: number;
  rule: (typeof RULES)[number];
  offer_s: Triple;
  wrap_up_s: Triple;
  wrap_up_extra_s: Triple;
  needs: Skill[];
  rings: Ring[];
  owner_wait_s: number;
  turns: Turns;
}

const FRESH: Draft = {
  name: "",
  open: true,
  target_answer_s: 20,
  rule: "longest_idle",
  offer_s: [20, 120, 45],
  wrap_up_s: [60, 120, 60],
  wrap_up_extra_s: [120, 240, 120],
  needs: [],
  rings: [],
  owner_wait_s: 0,
  turns: {},
};

function draftOf(queue: Queue | null): Draft {
  if (queue === null) return FRESH;
  const known = { ...FRESH, ...queue };
  const keys = Object.keys(FRESH) as (keyof Draft)[];
  return Object.fromEntries(keys.map((key) => [key, known[key]])) as unknown as Draft;
}

function QueueForm({ queue, onSaved }: { queue: Queue | null; onSaved: () => void }) {
  const { t } = useTranslation("admin");
  const [draft, setDraft] = useState(() => draftOf(queue));
  const put = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const save = useSaveQueue(queue?.queue_id ?? null);
  const taken = isTaken(useQueues().data, queue?.name, draft.name);
  const body: QueueNew = { ...draft, name: draft.name.trim() };
  return (
    <FormFrame
      pending={save.isPending}
      disabled={taken}
      onSubmit={() => save.mutate(body, { onSuccess: onSaved })}
    >
      <NameField value={draft.name} taken={taken} onChange={(name) => put({ name })} />
      <SimpleGrid cols={2}>
        <Select
          label={t("queue.rule")}
          description={t("queue.ruleNote")}
          allowDeselect={false}
          data={RULES.map((rule) => ({ value: rule, label: t(`queue.rules.${rule}`) }))}
          value={draft.rule}
          onChange={(value) => put({ rule: (value ?? draft.rule) as Draft["rule"] })}
        />
        <NumberInput
          label={t("queue.target")}
          description={t("queue.targetNote")}
          min={1}
          suffix={t("common:unit.s")}
          value={draft.target_answer_s}
          onChange={(value) => put({ target_answer_s: Number(value) })}
        />
      </SimpleGrid>
      <PerMedium
        label={t("queue.offer")}
        description={t("queue.offerNote")}
        value={draft.offer_s}
        suffix={t("common:unit.s")}
        onChange={(offer_s) => put({ offer_s })}
      />
      <PerMedium
        label={t("queue.wrapUp")}
        description={t("queue.wrapUpNote")}
        value={draft.wrap_up_s}
        suffix={t("common:unit.s")}
        onChange={(wrap_up_s) => put({ wrap_up_s })}
      />
      <PerMedium
        label={t("queue.wrapUpExtra")}
        description={t("queue.wrapUpExtraNote")}
        value={draft.wrap_up_extra_s}
        suffix={t("common:unit.s")}
        onChange={(wrap_up_extra_s) => put({ wrap_up_extra_s })}
      />
      <SkillsInput
        label={t("queue.needs")}
        description={t("queue.needsNote")}
        value={draft.needs}
        wishes
        onChange={(needs) => put({ needs })}
      />
      {draft.needs.length > 0 && (
        <RingsInput value={draft.rings} onChange={(rings) => put({ rings })} />
      )}
      <NumberInput
        label={t("queue.ownerWait")}
        description={t("queue.ownerWaitNote")}
        min={0}
        suffix={t("common:unit.s")}
        value={draft.owner_wait_s}
        onChange={(value) => put({ owner_wait_s: Number(value) })}
      />
      <TurnsInput
        queueId={queue?.queue_id ?? null}
        value={draft.turns}
        onChange={(turns) => put({ turns })}
      />
      <Switch
        label={t("queue.openNote")}
        checked={draft.open}
        onChange={(event) => put({ open: event.currentTarget.checked })}
      />
    </FormFrame>
  );
}
