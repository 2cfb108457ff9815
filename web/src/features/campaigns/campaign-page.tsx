/** One campaign: live numbers, why contacts wait, its lists and contacts, its settings. */
import { Button, Center, Group, Loader, Modal, Stack, Tabs } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconChartBar, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { PageFrame } from "@/components/page-frame";
import { Panel } from "@/components/panel";
import { errorText } from "@/lib/errors";
import { useRow, useTopic } from "@/lib/live";
import { hasRole, useMe } from "@/lib/session";
import { useCampaign, type Campaign } from "./api/campaigns";
import { BackNote } from "./back-note";
import { CampaignForm } from "./campaign-form";
import { CampaignNumbers } from "./campaign-numbers";
import { CommandButtons, StateBadge } from "./campaign-state";
import { CompliancePanel } from "./compliance-panel";
import { ContactList } from "./contact-list";
import { DetectionPanel } from "./detection-panel";
import { ImportList } from "./import-list";
import { ImportWizard } from "./import-wizard";
import { ListPlanPanel } from "./list-plan-panel";
import { PenetrationPanel } from "./penetration-panel";
import { RecyclePanel } from "./recycle-panel";
import { RulesVersion } from "./rules-version";
import { TrialPanel } from "./trial-panel";

export function CampaignPage() {
  const { campaignId = "" } = useParams();
  const campaign = useCampaign(campaignId);
  useTopic("floor");
  if (campaign.isError) return <Center h={300}>{errorText(campaign.error)}</Center>;
  if (!campaign.data)
    return (
      <Center h={300}>
        <Loader />
      </Center>
    );
  return <Loaded key={campaignId} campaign={campaign.data} />;
}

function Loaded({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation("campaigns");
  const row = useRow("floor", "campaign", campaign.campaign_id);
  const mayChange = hasRole(useMe(), ["manager", "admin"]);
  const [importing, setImporting] = useState(false);
  const state = row?.state ?? campaign.state;
  return (
    <PageFrame
      title={
        <Group gap="sm">
          {campaign.name}
          <StateBadge state={state} />
        </Group>
      }
      note={
        <BackNote
          note={`${t(`terms:campaignMode.${campaign.mode}`)} · ${
            campaign.profile === "NONE" ? t("form.lawNone") : campaign.profile
          }`}
        />
      }
      actions={
        <>
          <Button
            component={Link}
            to={`/reports?campaign=${campaign.campaign_id}`}
            variant="default"
            leftSection={<IconChartBar size={18} />}
          >
            {t("report")}
          </Button>
          {mayChange && (
            <Button
              variant="default"
              leftSection={<IconUpload size={18} />}
              onClick={() => setImporting(true)}
            >
              {t("import.title")}
            </Button>
          )}
          <CommandButtons campaignId={campaign.campaign_id} state={state} />
        </>
      }
    >
      <Tabs defaultValue="live" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="live">{t("tab.live")}</Tabs.Tab>
          <Tabs.Tab value="contacts">{t("tab.contacts")}</Tabs.Tab>
          <Tabs.Tab value="lists">{t("tab.lists")}</Tabs.Tab>
          {mayChange && campaign.mode !== "agentless" && (
            <Tabs.Tab value="trial">{t("tab.trial")}</Tabs.Tab>
          )}
          {mayChange && <Tabs.Tab value="settings">{t("tab.settings")}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="live">
          <Stack gap={12}>
            {row && (
              <CampaignNumbers
                campaignId={campaign.campaign_id}
                row={row}
                trunkId={campaign.trunk_id}
                onImport={() => setImporting(true)}
              />
            )}
            <DetectionPanel
              campaignId={campaign.campaign_id}
              byAgents={campaign.mode !== "agentless"}
            />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="contacts">
          <ContactList campaignId={campaign.campaign_id} />
        </Tabs.Panel>
        <Tabs.Panel value="lists">
          <Stack>
            <ImportList campaignId={campaign.campaign_id} row={row} />
            <PenetrationPanel
              campaignId={campaign.campaign_id}
              progress={`${row?.finished} ${row?.import_imported}`}
            />
            <ListPlanPanel campaignId={campaign.campaign_id} />
            <RecyclePanel
              campaignId={campaign.campaign_id}
              finished={row?.finished ?? campaign.done}
            />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="trial">
          <TrialPanel campaign={campaign} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <Stack>
            <Panel title={t("tab.settings")}>
              <Stack maw={760}>
                <RulesVersion campaign={campaign} />
                <CampaignForm
                  campaign={campaign}
                  onSaved={() => notifications.show({ message: t("plan.saved") })}
                />
              </Stack>
            </Panel>
            <CompliancePanel campaignId={campaign.campaign_id} />
          </Stack>
        </Tabs.Panel>
      </Tabs>
      <Modal
        opened={importing}
        onClose={() => setImporting(false)}
        closeOnClickOutside={false}
        title={t("import.title")}
        size="xl"
      >
        <ImportWizard
          campaignId={campaign.campaign_id}
          region={campaign.default_region}
          onClose={() => setImporting(false)}
        />
      </Modal>
    </PageFrame>
  );
}
