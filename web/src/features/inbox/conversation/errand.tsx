/** For a customer who is not on the line: the message they left, and the call to them. */
import { Button, Stack, Text } from "@mantine/core";
import { IconPhoneOutgoing } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { WorkRow } from "@/lib/types";
import { useCallBack } from "../api/call-control";

export function Errand({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const call = useCallBack(work.interaction_id);
  const state = work.call_state;
  const busy = work.connected || state === "calling";
  return (
    <Stack align="center" gap="xs">
      {work.errand === "message" && (
        <audio
          controls
          preload="metadata"
          src={`/api/recordings/${work.interaction_id}`}
          aria-label={t("call.hear")}
        >
          <track kind="captions" />
        </audio>
      )}
      {!work.connected && (
        <Text size="sm" c="dimmed" role="status">
          {stateText(state, t)}
        </Text>
      )}
      {work.state === "active" && !busy && work.address !== "" && (
        <Button
          leftSection={<IconPhoneOutgoing size={16} />}
          loading={call.isPending}
          onClick={() => call.mutate()}
        >
          {t(state === "" ? "call.callBack" : "call.callAgain")}
        </Button>
      )}
    </Stack>
  );
}

function stateText(state: string, t: TFunction<"inbox">): string {
  if (state === "") return t("call.notCalled");
  if (state === "calling" || state === "over") return t(`call.${state}`);
  return t("call.failed", { outcome: t(`terms:outcome.${state}`) });
}
