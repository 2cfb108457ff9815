/** All campaigns with their live numbers; make a new one. */
import { Button, Center, Group, Loader, Modal, Progress, Text } from "@mantine/core";
import { IconBan, IconCalendarOff, IconPhoneCalling, IconPlus } from "@tabler/icons-react";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { DataTable, type Column } from "@/components/data-table";
import { Figure } from "@/components/figure";
import { PageFrame } from "@/components/page-frame";
import { Panel } from "@/components/panel";
import { useRows, useTopic } from "@/lib/live";
import { hasRole, useMe } from "@/lib/session";
import { useTexts } from "@/lib/use-texts";
import type { CampaignRow } from "./api/campaigns";
import { CampaignForm } from "./campaign-form";
import { CommandButtons, StateBadge } from "./campaign-state";
import { dropConcern } from "./drop-concern";

function useColumns(): Column<CampaignRow>[] {
  const { t } = useTranslation("campaigns");
  const texts = useTexts();
  return useMemo(
    () => [
      {
        key: "name",
        title: t("column.name"),
        sort: (row) => row.name,
        cell: (row) => (
          <Text span inherit fw={600}>
            {row.name}
          </Text>
        ),
      },
      {
        key: "state",
        title: t("column.state"),
        sort: (row) => row.state,
        cell: (row) => <StateBadge state={row.state} />,
      },
      {
        key: "mode",
        title: t("column.mode"),
        sort: (row) => row.mode,
        cell: (row) => t(`terms:campaignMode.${row.mode}`),
      },
      {
        key: "progress",
        title: t("column.progress"),
        sort: (row) => (row.contacts > 0 ? row.finished / row.contacts : 0),
        cell: (row) => <ListProgress row={row} />,
      },
      ...(["ringing", "dialled", "answered", "to_agents"] as const).map((key) => ({
        key,
        title: t(`column.${key}`),
        number: true,
        sort: (row: CampaignRow) => row[key],
        cell: (row: CampaignRow) => <Figure dim={row[key] === 0}>{texts.number(row[key])}</Figure>,
      })),
      {
        key: "drop",
        title: t("column.drop"),
        number: true,
        sort: (row) => row.drop_pct ?? -1,
        cell: (row) => (
          <Figure concern={dropConcern(row)} dim={row.drop_pct == null}>
            {texts.pct(row.drop_pct)}
          </Figure>
        ),
      },
      {
        key: "commands",
        title: "",
        number: true,
        cell: (row) => <CommandButtons campaignId={row.id} state={row.state} compact />,
      },
    ],
    [t, texts],
  );
}

function ListProgress({ row }: { row: CampaignRow }) {
  const texts = useTexts();
  const { t } = useTranslation("campaigns");
  const done = row.contacts > 0 ? (100 * row.finished) / row.contacts : 0;
  return (
    <Group gap={8} wrap="nowrap" miw={150}>
      <Progress value={done} w={70} size="sm" aria-label={t("column.progress")} />
      <Text span size="xs" c="dimmed" className="omni-tabular">
        {texts.number(row.finished)} / {texts.number(row.contacts)}
      </Text>
    </Group>
  );
}

export function CampaignsPage() {
  const { t } = useTranslation("campaigns");
  const { loaded } = useTopic("floor");
  const rows = useRows("floor", "campaign");
  const columns = useColumns();
  const navigate = useNavigate();
  const me = useMe();
  const [making, setMaking] = useState(false);
  const open = useCallback((row: CampaignRow) => void navigate(`/campaigns/${row.id}`), [navigate]);
  const mayChange = hasRole(me, ["manager", "admin"]);
  return (
    <PageFrame
      title={t("title")}
      note={t("note")}
      actions={
        <>
          <Button
            component={Link}
            to="/campaigns/callbacks"
            variant="default"
            leftSection={<IconPhoneCalling size={18} />}
          >
            {t("callbacks.title")}
          </Button>
          <Button
            component={Link}
            to="/campaigns/do-not-call"
            variant="default"
            leftSection={<IconBan size={18} />}
          >
            {t("doNotCall.title")}
          </Button>
          <Button
            component={Link}
            to="/campaigns/holidays"
            variant="default"
            leftSection={<IconCalendarOff size={18} />}
          >
            {t("holidays.title")}
          </Button>
          {mayChange && (
            <Button leftSection={<IconPlus size={18} />} onClick={() => setMaking(true)}>
              {t("new")}
            </Button>
          )}
        </>
      }
    >
      <Panel title={t("all")} flush>
        {loaded ? (
          <DataTable
            label={t("title")}
            columns={columns}
            rows={rows}
            rowKey={(row) => row.id}
            onOpen={open}
            empty={t("none")}
            minWidth={900}
          />
        ) : (
          <Center h={200}>
            <Loader />
          </Center>
        )}
      </Panel>
      <Modal
        opened={making}
        onClose={() => setMaking(false)}
        title={t("new")}
        size="lg"
        closeOnClickOutside={false}
      >
        <CampaignForm
          campaign={null}
          onSaved={(campaignId) => void navigate(`/campaigns/${campaignId}`)}
        />
      </Modal>
    </PageFrame>
  );
}
