/** Setting up, one tab for each kind of thing. */
import { Tabs } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { PageFrame } from "@/components/page-frame";
import { BreakReasonsPanel } from "./break-reasons-panel";
import { CalendarsPanel } from "./calendars-panel";
import { CallersPanel } from "./callers-panel";
import { AnswersPanel } from "./answers-panel";
import { EntryPointsPanel } from "./entry-points-panel";
import { GroupsPanel } from "./groups-panel";
import { MailboxesPanel } from "./mailboxes-panel";
import { MatrixPanel } from "./matrix-panel";
import { PolicyPanel } from "./policy-panel";
import { QueuesPanel } from "./queues-panel";
import { TrunksPanel } from "./trunks-panel";
import { UsersPanel } from "./users-panel";

const PARTS = {
  users: UsersPanel,
  matrix: MatrixPanel,
  queues: QueuesPanel,
  calendars: CalendarsPanel,
  groups: GroupsPanel,
  policy: PolicyPanel,
  "entry-points": EntryPointsPanel,
  "break-reasons": BreakReasonsPanel,
  callers: CallersPanel,
  trunks: TrunksPanel,
  mailboxes: MailboxesPanel,
  "mail-answers": AnswersPanel,
} as const;

type Part = keyof typeof PARTS;

const isPart = (text: string | undefined): text is Part => text !== undefined && text in PARTS;

export function AdminPage() {
  const { t } = useTranslation("admin");
  const { part } = useParams();
  const navigate = useNavigate();
  const shown = isPart(part) ? part : "users";
  const Panel = PARTS[shown];
  return (
    <PageFrame title={t("title")} note={t("note")}>
      <Tabs value={shown} onChange={(value) => value && void navigate(`/admin/${value}`)}>
        <Tabs.List mb="md">
          {Object.keys(PARTS).map((key) => (
            <Tabs.Tab key={key} value={key}>
              {t(`part.${key}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={shown}>
          <Panel />
        </Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}
