/** SIP trunks: where calls go out and come in, how many at a time. */
import {
  NumberInput,
  PasswordInput,
  SimpleGrid,
  Switch,
  TagsInput,
  TextInput,
  Textarea,
} from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "@/components/data-table";
import { Figure } from "@/components/figure";
import { TrunkState } from "@/components/trunk-state";
import { useRows, useTopic } from "@/lib/live";
import { useSaveTrunk, useTrunks, type Trunk, type TrunkNew } from "./api/connections";
import { poolsOf, poolsText } from "./caller-pools";
import { Editing, FILLED, FormFrame } from "./editing";

export function TrunksPanel() {
  const { t } = useTranslation("admin");
  const trunks = useTrunks();
  useTopic("floor");
  const rows = useRows("floor", "trunk");
  const live = useMemo(() => new Map(rows.map((row) => [row.id as string, row])), [rows]);
  const columns = useMemo<Column<Trunk>[]>(
    () => [
      { key: "name", title: t("name"), sort: (row) => row.name, cell: (row) => row.name },
      {
        key: "host",
        title: t("trunk.host"),
        cell: (row) => `${row.host}:${String(row.port)}`,
      },
      {
        key: "state",
        title: t("state"),
        cell: (row) => <TrunkState trunk={{ ...row, ...live.get(row.trunk_id) }} off={t("off")} />,
      },
      {
        key: "busy",
        title: t("trunk.busy"),
        number: true,
        cell: (row) => (
          <Figure>
            {live.get(row.trunk_id)?.busy ?? row.busy} / {row.capacity}
          </Figure>
        ),
      },
      {
        key: "cost",
        title: t("trunk.cost"),
        number: true,
        sort: (row) => row.cost,
        cell: (row) => row.cost,
      },
      {
        key: "rate",
        title: t("trunk.rate"),
        number: true,
        cell: (row) => row.calls_per_second,
      },
    ],
    [t, live],
  );
  return (
    <Editing
      title={t("part.trunks")}
      addLabel={t("trunk.add")}
      columns={columns}
      rows={trunks.data}
      rowKey={(row) => row.trunk_id}
      size="lg"
      form={(row, close) => <TrunkForm trunk={row} onSaved={close} />}
    />
  );
}

type Draft = Required<Omit<TrunkNew, "codecs">>;

const FRESH: Draft = {
  name: "",
  host: "",
  port: 5060,
  user: "",
  secret: "",
  register_there: false,
  match: [],
  caller_id: "",
  capacity: 30,
  calls_per_second: 10,
  enabled: true,
  cost: 100,
  pools: [],
};

function draftOf(trunk: Trunk | null): Draft {
  if (trunk === null) return FRESH;
  const { name, host, port, user, register_there, match, caller_id } = trunk;
  const { capacity, calls_per_second, enabled, cost, pools } = trunk;
  return {
    ...FRESH,
    ...{ name, host, port, user, register_there, match, caller_id },
    ...{ capacity, calls_per_second, enabled, cost, pools },
  };
}

function TrunkForm({ trunk, onSaved }: { trunk: Trunk | null; onSaved: () => void }) {
  const { t } = useTranslation("admin");
  const [draft, setDraft] = useState(() => draftOf(trunk));
  const [pools, setPools] = useState(() => poolsText(draft.pools));
  const save = useSaveTrunk(trunk?.trunk_id ?? null);
  const put = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const text = (key: "name" | "host" | "user" | "caller_id") => ({
    value: draft[key],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) =>
      put({ [key]: event.currentTarget.value }),
  });
  return (
    <FormFrame
      pending={save.isPending}
      onSubmit={() => save.mutate({ ...draft, pools: poolsOf(pools) }, { onSuccess: onSaved })}
    >
      <TextInput label={t("name")} {...FILLED} {...text("name")} />
      <SimpleGrid cols={2}>
        <TextInput label={t("trunk.host")} {...FILLED} {...text("host")} />
        <NumberInput
          label={t("trunk.port")}
          min={1}
          max={65535}
          value={draft.port}
          onChange={(value) => put({ port: Number(value) })}
        />
        <TextInput
          label={t("trunk.user")}
          description={t("trunk.userNote")}
          autoComplete="off"
          {...text("user")}
        />
        <PasswordInput
          label={t("trunk.secret")}
          description={trunk ? t("secretNote") : t("trunk.userNote")}
          autoComplete="new-password"
          value={draft.secret}
          onChange={(event) => put({ secret: event.currentTarget.value })}
        />
        <NumberInput
          label={t("trunk.capacity")}
          min={1}
          value={draft.capacity}
          onChange={(value) => put({ capacity: Number(value) })}
        />
        <NumberInput
          label={t("trunk.rate")}
          description={t("trunk.rateNote")}
          min={0}
          value={draft.calls_per_second}
          onChange={(value) => put({ calls_per_second: Number(value) })}
        />
        <NumberInput
          label={t("trunk.cost")}
          description={t("trunk.costNote")}
          min={0}
          max={1000}
          value={draft.cost}
          onChange={(value) => put({ cost: Number(value) })}
        />
        <TextInput label={t("trunk.callerId")} placeholder="+4930123456" {...text("caller_id")} />
        <TagsInput
          label={t("trunk.match")}
          description={t("trunk.matchNote")}
          value={draft.match}
          onChange={(match) => put({ match })}
        />
      </SimpleGrid>
      <Textarea
        label={t("trunk.pools")}
        description={t("trunk.poolsNote")}
        placeholder={"+1212 = +12125550100, +12125550101\n+49 = +4930123456"}
        autosize
        minRows={2}
        value={pools}
        onChange={(event) => setPools(event.currentTarget.value)}
      />
      <Switch
        label={t("trunk.register")}
        checked={draft.register_there}
        onChange={(event) => put({ register_there: event.currentTarget.checked })}
      />
      <Switch
        label={t("trunk.enabled")}
        checked={draft.enabled}
        onChange={(event) => put({ enabled: event.currentTarget.checked })}
      />
    </FormFrame>
  );
}
