/** The black list and the VIP list: customers who are refused, or come first. */
import { Badge, NumberInput, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "@/components/data-table";
import { RemoveButton } from "@/components/remove-button";
import { useCallers, useQueues, useRemoveCaller, useSaveCaller, type Caller } from "./api/routing";
import { Editing, FILLED, FormFrame } from "./editing";

const LISTINGS = ["black", "vip"] as const;

export function CallersPanel() {
  const { t } = useTranslation("admin");
  const callers = useCallers();
  const queues = useQueues();
  const columns = useMemo<Column<Caller>[]>(
    () => [
      {
        key: "pattern",
        title: t("caller.pattern"),
        sort: (row) => row.pattern,
        cell: (row) => row.pattern,
      },
      {
        key: "listing",
        title: t("caller.listing"),
        sort: (row) => row.listing,
        cell: (row) => (
          <Badge color={row.listing === "black" ? "dark" : "yellow"} variant="light" tt="none">
            {t(`caller.listings.${row.listing}`)}
          </Badge>
        ),
      },
      {
        key: "queue",
        title: t("caller.queue"),
        cell: (row) => queues.data?.find((queue) => queue.queue_id === row.queue_id)?.name ?? "",
      },
      { key: "note", title: t("caller.note"), cell: (row) => row.note },
    ],
    [t, queues.data],
  );
  return (
    <Editing
      title={t("part.callers")}
      addLabel={t("caller.add")}
      columns={columns}
      rows={callers.data}
      empty={t("caller.empty")}
      rowKey={(row) => row.pattern}
      form={(row, close) => <CallerForm caller={row} onSaved={close} />}
    />
  );
}

const FRESH: Required<Caller> = {
  pattern: "",
  listing: "black",
  priority: 0,
  queue_id: null,
  note: "",
};

function CallerForm({ caller, onSaved }: { caller: Caller | null; onSaved: () => void }) {
  const { t } = useTranslation("admin");
  const queues = useQueues();
  const [draft, setDraft] = useState({ ...FRESH, ...caller });
  const put = (change: Partial<Caller>) => setDraft((before) => ({ ...before, ...change }));
  const save = useSaveCaller();
  const remove = useRemoveCaller();
  return (
    <FormFrame pending={save.isPending} onSubmit={() => save.mutate(draft, { onSuccess: onSaved })}>
      <TextInput
        label={t("caller.pattern")}
        description={t("caller.patternNote")}
        {...FILLED}
        disabled={caller !== null}
        maxLength={320}
        value={draft.pattern}
        onChange={(event) => put({ pattern: event.currentTarget.value })}
      />
      <SegmentedControl
        data={LISTINGS.map((listing) => ({
          value: listing,
          label: t(`caller.listings.${listing}`),
        }))}
        value={draft.listing}
        onChange={(listing) => put({ listing: listing as Caller["listing"] })}
      />
      {draft.listing === "vip" && (
        <>
          <NumberInput
            label={t("matrix.priority")}
            description={t("caller.priorityNote")}
            min={0}
            max={9}
            value={draft.priority}
            onChange={(value) => put({ priority: Number(value) })}
          />
          <Select
            label={t("caller.queue")}
            description={t("caller.queueNote")}
            clearable
            data={(queues.data ?? []).map((queue) => ({
              value: queue.queue_id,
              label: queue.name,
            }))}
            value={draft.queue_id}
            onChange={(queue_id) => put({ queue_id })}
          />
        </>
      )}
      <TextInput
        label={t("caller.note")}
        maxLength={200}
        value={draft.note}
        onChange={(event) => put({ note: event.currentTarget.value })}
      />
      {caller !== null && (
        <RemoveButton
          label={t("caller.remove")}
          name={caller.pattern}
          pending={remove.isPending}
          onRemove={() => remove.mutate(caller.pattern, { onSuccess: onSaved })}
        />
      )}
    </FormFrame>
  );
}
