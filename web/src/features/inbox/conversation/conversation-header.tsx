/** Who it is, what about, for how long, and the way to its end. */
import { Badge, Box, Button, Group, Text, Title, Tooltip } from "@mantine/core";
import { IconCircleCheck, IconPhoneOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Elapsed } from "@/components/elapsed";
import { MediumIcon } from "@/components/medium-icon";
import { clockText, secondsSince } from "@/lib/format";
import { useNowMs } from "@/lib/ticking";
import type { WorkRow } from "@/lib/types";
import { useTexts } from "@/lib/use-texts";
import { useMoreWrapUp, useStep } from "../api/work";
import { addressOf, useNameOf } from "../desk";
import { SetAside, TakeUp } from "./aside";
import classes from "./conversation.module.css";

export function ConversationHeader({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const name = useNameOf()(work);
  const texts = useTexts();
  const from = [work.medium === "email" ? name : "", addressOf(work)].filter(Boolean).join(" · ");
  return (
    <Group component="header" className={classes.header} wrap="nowrap" gap="sm">
      <MediumIcon medium={work.medium} direction={work.direction} size={40} />
      <Box flex={1} miw={0}>
        <Title order={2} size="h5" lineClamp={1}>
          {work.medium === "email" && work.subject ? work.subject : name}
        </Title>
        <Group gap={8} wrap="nowrap">
          {from !== "" && (
            <Text size="xs" c="dimmed" truncate>
              {from}
            </Text>
          )}
          <Badge size="sm" variant="default" tt="none" fw={500} className={classes.origin} miw={0}>
            {work.campaign_name || work.queue_name}
          </Badge>
          {work.reminder_at && (
            <Badge size="sm" color="blue" variant="light" tt="none">
              {t("aside.wroteAgain", { at: texts.instant(work.reminder_at) })}
            </Badge>
          )}
        </Group>
      </Box>
      <Text
        size="sm"
        c="dimmed"
        // The time left needs the room; the time gone stands in the list, too.
        visibleFrom={work.state === "wrap_up" ? "xl" : "md"}
        component="span"
      >
        <Elapsed
          since={work.ended_at ?? work.accepted_at ?? work.offered_at}
          label={t(work.state === "wrap_up" ? "conversation.wrapUpTime" : "conversation.time")}
        />
      </Text>
      {work.state === "active" && <Steps work={work} />}
      {work.state === "wrap_up" && <WrapUpTime work={work} />}
    </Group>
  );
}

/** Asked for at once; the queue's limit may give less. */
const MORE_S = 60;

/** How long until the result is closed for the agent, and the way to more time. */
function WrapUpTime({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const nowMs = useNowMs();
  const more = useMoreWrapUp();
  const leftS = work.wrap_up_until ? Math.max(0, -secondsSince(work.wrap_up_until, nowMs)) : null;
  return (
    <Group gap={8} wrap="nowrap">
      <Badge
        color={leftS !== null && leftS < 15 ? "red" : "yellow"}
        variant="light"
        size="lg"
        tt="none"
      >
        {leftS === null
          ? t("conversation.ended")
          : t("conversation.closesIn", { time: clockText(leftS) })}
      </Badge>
      {work.extendable_s > 0 && (
        <Button
          size="xs"
          variant="default"
          loading={more.isPending}
          onClick={() => more.mutate({ interactionId: work.interaction_id, extraS: MORE_S })}
        >
          {t("conversation.more", { seconds: Math.min(MORE_S, Math.floor(work.extendable_s)) })}
        </Button>
      )}
    </Group>
  );
}

/** What can be done with an open conversation. */
function Steps({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const end = useStep("end");
  const voice = work.medium === "voice";
  if (work.aside_until !== null) return <TakeUp work={work} />;
  return (
    <>
      {work.medium === "email" && <SetAside work={work} />}
      <Tooltip label={t("conversation.endHint")}>
        <Button
          size="sm"
          color={voice ? "red.8" : undefined}
          variant={voice ? "filled" : "light"}
          leftSection={voice ? <IconPhoneOff size={18} /> : <IconCircleCheck size={18} />}
          loading={end.isPending}
          onClick={() => end.mutate(work.interaction_id)}
        >
          {t(`conversation.end.${work.medium}`)}
        </Button>
      </Tooltip>
    </>
  );
}
