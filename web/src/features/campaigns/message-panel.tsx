/** The recorded message of an agentless campaign: listen to it, put in another. */
import { Alert, Button, FileButton, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconUpload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { messageUrl, useSetMessage, type Campaign } from "./api/campaigns";

export function MessagePanel({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation("campaigns");
  const send = useSetMessage(campaign.campaign_id);
  const kept = () => notifications.show({ message: t("message.kept") });
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>
        {t("message.title")}
      </Text>
      {campaign.message === "" && <Alert color="yellow">{t("message.none")}</Alert>}
      <Group>
        {campaign.message !== "" && (
          // What is said in it is known to who recorded it: there is no text to show.
          // eslint-disable-next-line jsx-a11y/media-has-caption
          <audio
            controls
            aria-label={t("message.title")}
            src={messageUrl(campaign.campaign_id, campaign.message)}
          />
        )}
        <FileButton
          accept=".wav,audio/wav,audio/x-wav"
          onChange={(file) => file && send.mutate(file, { onSuccess: kept })}
        >
          {(props) => (
            <Button
              {...props}
              variant="default"
              loading={send.isPending}
              leftSection={<IconUpload size={16} />}
            >
              {t(campaign.message === "" ? "message.choose" : "message.replace")}
            </Button>
          )}
        </FileButton>
      </Group>
      <Text size="xs" c="dimmed">
        {t("message.note")}
      </Text>
    </Stack>
  );
}
