/** An offer: who, over what, for how long yet; accept or reject. */
import { Box, Button, Group, RingProgress, Text } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { Elapsed } from "@/components/elapsed";
import { MediumIcon } from "@/components/medium-icon";
import { useNowMs } from "@/lib/ticking";
import type { WorkRow } from "@/lib/types";
import { useStep } from "../api/work";
import { addressOf, useNameOf } from "../desk";
import classes from "./work-list.module.css";

/** Return how much of the offer's time is left, 0 to 1, and the whole seconds. */
export function timeLeft(work: WorkRow, nowMs: number): { share: number; seconds: number } {
  if (!work.expires_at) return { share: 1, seconds: 0 };
  const end = Date.parse(work.expires_at);
  const whole = Math.max(1, end - Date.parse(work.offered_at));
  const left = Math.max(0, end - nowMs);
  return { share: Math.min(1, left / whole), seconds: Math.ceil(left / 1000) };
}

export function OfferCard({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const accept = useStep("accept");
  const reject = useStep("reject");
  const navigate = useNavigate();
  const name = useNameOf()(work);
  const busy = accept.isPending || reject.isPending;
  const take = () =>
    accept.mutate(work.interaction_id, {
      onSuccess: () => void navigate(`/inbox/${work.interaction_id}`),
    });
  return (
    <Box
      className={classes.offer}
      role="group"
      aria-label={t("offer.label", { medium: t(`common:medium.${work.medium}`), name })}
      data-testid={`offer-${work.interaction_id}`}
    >
      <Group gap="sm" wrap="nowrap" align="center">
        <CountdownRing work={work} />
        <Box flex={1} miw={0}>
          <Text fw={650} truncate lh={1.3}>
            {name}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {[work.campaign_name || work.queue_name, work.customer_name && addressOf(work)]
              .filter(Boolean)
              .join(" · ")}
          </Text>
          {work.subject && (
            <Text size="xs" truncate>
              {work.subject}
            </Text>
          )}
          <Text size="xs" c="dimmed">
            {t("offer.waiting")} <Elapsed since={work.arrived_at} />
          </Text>
        </Box>
      </Group>
      {work.auto_accept ? (
        <Text size="sm" ta="center" fw={600} role="status">
          {t("offer.autoAccept")}
        </Text>
      ) : (
        <Group grow gap={8} wrap="nowrap">
          <Button
            color="green.9"
            size="sm"
            px={8}
            leftSection={<IconCheck size={18} />}
            loading={accept.isPending}
            disabled={busy}
            onClick={take}
          >
            {t("offer.accept")}
          </Button>
          <Button
            variant="default"
            size="sm"
            px={8}
            leftSection={<IconX size={18} />}
            loading={reject.isPending}
            disabled={busy}
            onClick={() => reject.mutate(work.interaction_id)}
          >
            {t("offer.reject")}
          </Button>
        </Group>
      )}
    </Box>
  );
}

function CountdownRing({ work }: { work: WorkRow }) {
  const { share, seconds } = timeLeft(work, useNowMs());
  return (
    <RingProgress
      size={56}
      thickness={4}
      roundCaps
      transitionDuration={1000}
      sections={[{ value: share * 100, color: share < 0.3 ? "red" : "teal" }]}
      label={
        <Box className={classes.ring}>
          <MediumIcon medium={work.medium} direction={work.direction} size={24} />
          {work.expires_at && (
            <Text size="10px" fw={650} ta="center" className="omni-tabular" aria-hidden>
              {seconds}
            </Text>
          )}
        </Box>
      }
    />
  );
}
