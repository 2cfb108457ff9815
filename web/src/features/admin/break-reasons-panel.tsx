/** Break reasons: how long, how many at a time, and whether a supervisor must allow them. */
import { NumberInput, SimpleGrid, Switch, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "@/components/data-table";
import { useBreakReasons, useSaveBreakReason, type BreakReason } from "./api/routing";
import { Editing, FILLED, FormFrame } from "./editing";

const MINUTE_S = 60;

export function BreakReasonsPanel() {
  const { t, i18n } = useTranslation("admin");
  const reasons = useBreakReasons();
  const chinese = i18n.language.startsWith("zh");
  const columns = useMemo<Column<BreakReason>[]>(
    () => [
      {
        key: "name",
        title: t("name"),
        cell: (row) => (chinese ? row.label_zh : row.label_en),
      },
      {
        key: "limit",
        title: t("breakReason.limit"),
        number: true,
        cell: (row) => (row.limit_s ? t("minutes", { value: row.limit_s / MINUTE_S }) : "–"),
      },
      {
        key: "atOnce",
        title: t("breakReason.atOnce"),
        number: true,
        cell: (row) => row.at_once || "–",
      },
      {
        key: "approval",
        title: t("breakReason.approval"),
        cell: (row) => (row.needs_approval ? t("breakReason.needed") : ""),
      },
    ],
    [t, chinese],
  );
  return (
    <Editing
      title={t("part.break-reasons")}
      addLabel={t("breakReason.add")}
      columns={columns}
      rows={reasons.data}
      rowKey={(row) => row.code}
      form={(row, close) => <BreakReasonForm reason={row} onSaved={close} />}
    />
  );
}

const FRESH = {
  code: "",
  label_en: "",
  label_zh: "",
  limit_s: 0,
  at_once: 0,
  needs_approval: false,
};

function draftOf(reason: BreakReason | null): typeof FRESH {
  const known = { ...FRESH, ...reason };
  const { code, label_en, label_zh, limit_s, at_once, needs_approval } = known;
  return { code, label_en, label_zh, limit_s, at_once, needs_approval };
}

function BreakReasonForm({ reason, onSaved }: { reason: BreakReason | null; onSaved: () => void }) {
  const { t } = useTranslation("admin");
  const [draft, setDraft] = useState(() => draftOf(reason));
  const put = (change: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...change }));
  const save = useSaveBreakReason();
  // Saving it would change the reason that has this code.
  const known = useBreakReasons().data ?? [];
  const taken = reason === null && known.some((other) => other.code === draft.code.trim());
  return (
    <FormFrame
      pending={save.isPending}
      disabled={taken}
      onSubmit={() => save.mutate(draft, { onSuccess: onSaved })}
    >
      {(["label_en", "label_zh"] as const).map((field) => (
        <TextInput
          key={field}
          label={t(`breakReason.${field}`)}
          {...FILLED}
          maxLength={80}
          value={draft[field]}
          onChange={(event) => put({ [field]: event.currentTarget.value })}
        />
      ))}
      <TextInput
        label={t("breakReason.code")}
        description={t("breakReason.codeNote")}
        {...FILLED}
        disabled={reason !== null}
        maxLength={40}
        error={taken ? t("breakReason.taken") : undefined}
        value={draft.code}
        onChange={(event) => put({ code: event.currentTarget.value })}
      />
      <SimpleGrid cols={2}>
        <NumberInput
          label={t("breakReason.limit")}
          description={t("breakReason.limitNote")}
          min={0}
          max={1440}
          suffix={t("common:unit.min")}
          value={draft.limit_s / MINUTE_S}
          onChange={(value) => put({ limit_s: Number(value) * MINUTE_S })}
        />
        <NumberInput
          label={t("breakReason.atOnce")}
          description={t("breakReason.atOnceNote")}
          min={0}
          value={draft.at_once}
          onChange={(value) => put({ at_once: Number(value) })}
        />
      </SimpleGrid>
      <Switch
        label={t("breakReason.approvalNote")}
        checked={draft.needs_approval}
        onChange={(event) => put({ needs_approval: event.currentTarget.checked })}
      />
    </FormFrame>
  );
}
