/** Queues: who waits, how long, how well they are served. A row opens its agents. */
import { Badge, Group, Text } from "@mantine/core";
import { IconLifebuoy, IconLock, IconMail, IconMessage, IconPhone } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { DataTable, type Column } from "@/components/data-table";
import { Since } from "@/components/since";
import { Figure } from "@/components/figure";
import { useRows } from "@/lib/live";
import { useTexts } from "@/lib/use-texts";
import { queueConcern, type QueueRow } from "./rows";

function WaitingMedia({ row }: { row: QueueRow }) {
  const { t } = useTranslation();
  const media = [
    ["voice", row.waiting_voice, IconPhone],
    ["email", row.waiting_email, IconMail],
    ["chat", row.waiting_chat, IconMessage],
  ] as const;
  return (
    <Group gap={8} wrap="nowrap" justify="flex-end">
      {media.map(
        ([medium, count, Icon]) =>
          count > 0 && (
            <Group key={medium} gap={2} wrap="nowrap" c="dimmed" title={t(`medium.${medium}`)}>
              <Icon size={14} aria-label={t(`medium.${medium}`)} />
              <Text span size="xs" className="omni-tabular">
                {count}
              </Text>
            </Group>
          ),
      )}
      <Text
        span
        inherit
        fw={row.waiting > 0 ? 650 : undefined}
        c={row.waiting > 0 ? undefined : "dimmed"}
      >
        {row.waiting}
      </Text>
    </Group>
  );
}

/** Which groups help the queue, and since when. */
function Helpers({ row }: { row: QueueRow }) {
  const { t } = useTranslation("supervisor");
  const texts = useTexts();
  const groups = useRows("floor", "group");
  return Object.entries(row.helped_by).map(([groupId, since]) => {
    const name = groups.find((group) => group.id === groupId)?.name ?? groupId;
    return (
      <Badge
        key={groupId}
        size="sm"
        variant="light"
        tt="none"
        leftSection={<IconLifebuoy size={12} aria-hidden />}
        title={t("queue.helpedBy", { name, at: texts.instant(since) })}
      >
        {name}
      </Badge>
    );
  });
}

function useColumns(): Column<QueueRow>[] {
  const { t } = useTranslation("supervisor");
  const texts = useTexts();
  return useMemo(
    () => [
      {
        key: "name",
        title: t("queue.name"),
        sort: (row) => row.name,
        cell: (row) => (
          <Group gap={6} wrap="nowrap">
            <Text span inherit fw={500} truncate>
              {row.name}
            </Text>
            {!row.open && <IconLock size={14} aria-label={t("closed")} />}
            {row.open && !row.served && (
              <Badge size="sm" color={row.waiting > 0 ? "red" : "orange"} variant="light" tt="none">
                {t("queue.unserved")}
              </Badge>
            )}
            <Helpers row={row} />
          </Group>
        ),
      },
      {
        key: "waiting",
        title: t("queue.waiting"),
        number: true,
        sort: (row) => row.waiting,
        cell: (row) => <WaitingMedia row={row} />,
      },
      {
        key: "oldest",
        title: t("queue.oldest"),
        number: true,
        cell: (row) => (
          <Since
            since={row.oldest_since}
            soonS={row.target_answer_s}
            nowS={row.target_answer_s * 3}
          />
        ),
      },
      ...(["offered", "answered", "abandoned"] as const).map((key) => ({
        key,
        title: t(`queue.${key}`),
        number: true,
        sort: (row: QueueRow) => row[key],
        cell: (row: QueueRow) => <Figure dim={row[key] === 0}>{texts.number(row[key])}</Figure>,
      })),
      {
        key: "level",
        title: t("queue.level"),
        number: true,
        sort: (row) => row.service_level_pct ?? 101,
        cell: (row) => (
          <Figure concern={queueConcern(row)}>{texts.pct(row.service_level_pct)}</Figure>
        ),
      },
      {
        key: "wait",
        title: t("queue.meanWait"),
        number: true,
        sort: (row) => row.mean_wait_s ?? 0,
        cell: (row) => (
          <Figure dim={row.mean_wait_s == null}>{texts.clock(row.mean_wait_s)}</Figure>
        ),
      },
    ],
    [t, texts],
  );
}

interface QueueTableProps {
  rows: readonly QueueRow[];
  selected: string | null;
  onOpen: (row: QueueRow) => void;
}

export function QueueTable({ rows, selected, onOpen }: QueueTableProps) {
  const { t } = useTranslation("supervisor");
  return (
    <DataTable
      label={t("queue.title")}
      columns={useColumns()}
      rows={rows}
      rowKey={(row) => row.id}
      onOpen={onOpen}
      selected={selected}
      minWidth={620}
    />
  );
}
