/** Announcements: what callers hear, recorded in each language, and where each is said. */
import { Button, Loader, Modal, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAnnouncementName } from "@/components/announcement-select";
import { DataTable, type Column } from "@/components/data-table";
import { PageFrame } from "@/components/page-frame";
import { Panel } from "@/components/panel";
import { useAnnouncements, type Announcement } from "@/lib/announcements";
import { AddAnnouncement, ChangeAnnouncement } from "./announcement-forms";
import { SoundCell } from "./sound-cell";

export function AnnouncementsPage() {
  const { t } = useTranslation("announcements");
  const known = useAnnouncements();
  const [adding, setAdding] = useState(false);
  const [opened, setOpened] = useState<string | null>(null);
  const shown = known.data?.find((one) => one.announcement_id === opened);
  return (
    <PageFrame title={t("title")} note={t("note")}>
      <Stack>
        <List
          title={t("recorded")}
          rows={known.data?.filter((one) => one.own)}
          onOpen={(row) => setOpened(row.announcement_id)}
          actions={
            <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
              {t("add")}
            </Button>
          }
        />
        <List title={t("builtIn")} rows={known.data?.filter((one) => !one.own)} />
      </Stack>
      <Modal opened={adding} onClose={() => setAdding(false)} title={t("add")}>
        <AddAnnouncement onDone={() => setAdding(false)} />
      </Modal>
      <Modal opened={shown !== undefined} onClose={() => setOpened(null)} title={t("change")}>
        {shown && <ChangeAnnouncement announcement={shown} onDone={() => setOpened(null)} />}
      </Modal>
    </PageFrame>
  );
}

interface ListProps {
  title: string;
  rows: Announcement[] | undefined;
  onOpen?: (row: Announcement) => void;
  actions?: React.ReactNode;
}

function List({ title, rows, onOpen, actions }: ListProps) {
  const { t } = useTranslation("announcements");
  const nameOf = useAnnouncementName();
  const columns = useMemo<Column<Announcement>[]>(
    () => [
      { key: "name", title: t("name"), sort: nameOf, cell: nameOf },
      {
        key: "en",
        title: "English",
        cell: (row) => <SoundCell announcement={row} name={nameOf(row)} language="en" />,
      },
      {
        key: "zh",
        title: "中文",
        cell: (row) => <SoundCell announcement={row} name={nameOf(row)} language="zh" />,
      },
      { key: "uses", title: t("uses"), cell: (row) => <Uses uses={row.uses} /> },
    ],
    [t, nameOf],
  );
  return (
    <Panel flush title={title} actions={actions}>
      <DataTable
        label={title}
        columns={columns}
        rows={rows ?? []}
        rowKey={(row) => row.announcement_id}
        {...(onOpen ? { onOpen } : {})}
        empty={rows === undefined ? <Loader size="sm" /> : t("none")}
      />
    </Panel>
  );
}

function Uses({ uses }: { uses: Announcement["uses"] }) {
  const { t } = useTranslation("announcements");
  return (
    <Text size="sm" c="dimmed" maw={380}>
      {uses.map(({ kind, name }) => t(`use.${kind}`, { name })).join(" · ") || t("unused")}
    </Text>
  );
}
