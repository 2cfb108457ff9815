/** Contacts over all media, newest first: when, how it went, who spoke, what was noted. */
import { Anchor, Badge, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { dayText, instantText } from "@/lib/format";
import { useCodeLabel } from "@/lib/codes";
import type { ContactEntry } from "@/lib/types";
import classes from "./contact-timeline.module.css";
import { ContactTranscript, hasTranscript } from "./contact-transcript";
import { MediumIcon } from "./medium-icon";

export type TimelineContact = Omit<ContactEntry, "ticket_id" | "ticket_number"> &
  Partial<Pick<ContactEntry, "ticket_id" | "ticket_number">>;

const TROUBLE = new Set(["abandoned", "dropped", "refused", "failed"]);

export function ContactTimeline({
  contacts,
  compact = false,
}: {
  contacts: readonly TimelineContact[];
  compact?: boolean;
}) {
  const { t } = useTranslation();
  if (contacts.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t("timeline.empty")}
      </Text>
    );
  return (
    <Stack gap={0} component="ol" className={classes.list}>
      {contacts.map((contact) => (
        <li key={contact.interaction_id ?? contact.attempt_id} className={classes.item}>
          <MediumIcon medium={contact.medium} direction={contact.direction} size={28} />
          <div className={classes.text}>
            <Line contact={contact} compact={compact} />
            {contact.note && (
              <div className={classes.note}>
                <Text size="sm" lineClamp={compact ? 2 : undefined}>
                  {contact.note}
                </Text>
              </div>
            )}
            {!compact && contact.interaction_id && hasTranscript(contact.medium) && (
              <Transcript interactionId={contact.interaction_id} medium={contact.medium} />
            )}
            {contact.recording_id && !compact && (
              <audio
                controls
                preload="none"
                className={classes.audio}
                src={`/api/recordings/${contact.recording_id}`}
                aria-label={t("timeline.recording")}
              >
                <track kind="captions" />
              </audio>
            )}
          </div>
        </li>
      ))}
    </Stack>
  );
}

function Transcript(props: { interactionId: string; medium: string }) {
  const { t } = useTranslation();
  const [open, { toggle }] = useDisclosure(false);
  return (
    <>
      <Anchor component="button" type="button" size="xs" aria-expanded={open} onClick={toggle}>
        {t(open ? "timeline.hideSaid" : "timeline.showSaid")}
      </Anchor>
      {open && <ContactTranscript {...props} />}
    </>
  );
}

function Line({ contact, compact }: { contact: TimelineContact; compact: boolean }) {
  const { t, i18n } = useTranslation();
  const label = useCodeLabel("disposition");
  const where = contact.campaign_name || contact.queue_name;
  const outcome = contact.outcome || "ongoing";
  return (
    <>
      <Group gap={6} justify="space-between" wrap="nowrap">
        <Text size="sm" fw={550} truncate>
          {contact.disposition
            ? label(contact.disposition)
            : t(`outcome.${outcome}`, { defaultValue: outcome })}
        </Text>
        <Text size="xs" c="dimmed" className="omni-tabular" style={{ flex: "none" }}>
          {compact ? dayText(contact.at, i18n.language) : instantText(contact.at, i18n.language)}
        </Text>
      </Group>
      <Group gap={6} wrap="wrap">
        <Text size="xs" c="dimmed">
          {[t(`direction.${contact.direction}`), where, contact.agent_name]
            .filter(Boolean)
            .join(" · ")}
        </Text>
        {contact.disposition && TROUBLE.has(outcome) && (
          <Badge size="xs" color="red" variant="light">
            {t(`outcome.${outcome}`, { defaultValue: outcome })}
          </Badge>
        )}
        {contact.ticket_id && (
          <Anchor size="xs" component={Link} to={`/tickets/${contact.ticket_id}`}>
            #{contact.ticket_number}
          </Anchor>
        )}
      </Group>
    </>
  );
}
