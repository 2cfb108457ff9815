/** Says that the campaign's legal rules have a newer version, and takes it up when told. */
import { Alert, Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useAdoptRules, useRuleProfiles, type Campaign } from "./api/campaigns";

export function RulesVersion({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation("campaigns");
  const adopt = useAdoptRules(campaign.campaign_id);
  const newest = useRuleProfiles().data?.find((each) => each.code === campaign.profile)?.version;
  if (newest === undefined || newest <= campaign.profile_version) return null;
  return (
    <Alert color="yellow">
      <Group justify="space-between">
        {t("rules.newer", { used: campaign.profile_version, newest })}
        <Button size="xs" loading={adopt.isPending} onClick={() => adopt.mutate()}>
          {t("rules.adopt")}
        </Button>
      </Group>
    </Alert>
  );
}
