/** The left column: offers, conversations, results to give. */
import { Badge, Box, Group, ScrollArea, Stack, Text } from "@mantine/core";
import { IconPlayerPauseFilled, IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { Elapsed } from "@/components/elapsed";
import { MediumIcon } from "@/components/medium-icon";
import type { WorkRow } from "@/lib/types";
import { useTexts } from "@/lib/use-texts";
import { useNameOf, type Desk } from "../desk";
import { CallbackList } from "./callback-list";
import { OfferCard } from "./offer-card";
import { PreviewCard } from "./preview-card";
import classes from "./work-list.module.css";

export function WorkList({ desk }: { desk: Desk }) {
  const { t } = useTranslation("inbox");
  const { offers, active, wrapUps, aside } = desk;
  const nothing = offers.length + active.length + wrapUps.length + aside.length === 0;
  return (
    <ScrollArea className={classes.scroll} type="auto" offsetScrollbars={false}>
      <Box aria-live="assertive" aria-relevant="additions">
        {offers.length > 0 && (
          <Section title={t("list.offers")} count={offers.length}>
            <Stack gap={8} px={8}>
              {offers.map((work) => (
                <OfferCard key={work.interaction_id} work={work} />
              ))}
            </Stack>
          </Section>
        )}
      </Box>
      {active.length > 0 && (
        <Section title={t("list.active")} count={active.length}>
          {active.map((work) => (
            <WorkItem key={work.interaction_id} work={work} />
          ))}
        </Section>
      )}
      {wrapUps.length > 0 && (
        <Section title={t("list.wrapUps")} count={wrapUps.length}>
          {wrapUps.map((work) => (
            <WorkItem key={work.interaction_id} work={work} />
          ))}
        </Section>
      )}
      <PreviewCard />
      <CallbackList />
      {aside.length > 0 && (
        <Section title={t("list.aside")} count={aside.length}>
          {aside.map((work) => (
            <WorkItem key={work.interaction_id} work={work} />
          ))}
        </Section>
      )}
      {nothing && (
        <Text size="sm" c="dimmed" p="md" ta="center">
          {t("list.empty")}
        </Text>
      )}
    </ScrollArea>
  );
}

function Section(props: { title: string; count: number; children: React.ReactNode }) {
  return (
    <Box component="section" pb={8} aria-label={props.title}>
      <Group gap={6} px={14} pt={12} pb={6}>
        <Text size="xs" fw={650} c="dimmed">
          {props.title}
        </Text>
        <Badge size="xs" variant="default" circle>
          {props.count}
        </Badge>
      </Group>
      {props.children}
    </Box>
  );
}

function WorkItem({ work }: { work: WorkRow }) {
  const nameOf = useNameOf();
  const texts = useTexts();
  return (
    <NavLink
      to={`/inbox/${work.interaction_id}`}
      className={classes.item ?? ""}
      data-testid={`work-${work.interaction_id}`}
    >
      <MediumIcon medium={work.medium} direction={work.direction} size={34} />
      <Box flex={1} miw={0}>
        <Group gap={6} wrap="nowrap" justify="space-between">
          <Text size="sm" fw={work.unread > 0 ? 700 : 550} truncate>
            {nameOf(work)}
          </Text>
          <Text size="xs" c="dimmed" className={classes.timer}>
            {work.aside_until ? (
              texts.instant(work.aside_until)
            ) : (
              <Elapsed since={work.ended_at ?? work.accepted_at ?? work.offered_at} />
            )}
          </Text>
        </Group>
        <Group gap={6} wrap="nowrap" justify="space-between">
          <Text size="xs" c="dimmed" truncate fw={work.unread > 0 ? 600 : 400}>
            {work.preview || work.subject || work.campaign_name || work.queue_name}
          </Text>
          <Signs work={work} />
        </Group>
      </Box>
    </NavLink>
  );
}

function Signs({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  return (
    <Group gap={4} wrap="nowrap" style={{ flex: "none" }}>
      {work.held && <IconPlayerPauseFilled size={14} role="img" aria-label={t("call.onHold")} />}
      {work.medium === "chat" && work.state === "active" && !work.visitor_online && (
        <IconPlugConnectedX size={14} role="img" aria-label={t("chat.visitorOffline")} />
      )}
      {work.unread > 0 && work.state === "active" && (
        <Badge size="sm" circle color="red" aria-label={t("list.unread", { count: work.unread })}>
          {work.unread}
        </Badge>
      )}
    </Group>
  );
}
