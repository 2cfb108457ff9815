/** One mail: closed to a line, or open with its text, files, and what can be done about it. */
import { Anchor, Badge, Box, Button, Group, Text, UnstyledButton } from "@mantine/core";
import { IconArrowBackUp, IconFile } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { reasonText } from "@/lib/errors";
import { instantText, sizeText } from "@/lib/format";
import { useSendAgain, useTakeBack, type Mail, type MailAddress } from "../api/mails";
import { MailBody } from "./mail-body";
import classes from "./mail.module.css";

export function addressText({ name, address }: MailAddress): string {
  return name ? `${name} <${address}>` : address;
}

interface MailCardProps {
  interactionId: string;
  mail: Mail;
  open: boolean;
  onFlip: () => void;
  onTakenBack: (text: string) => void;
}

export function MailCard({ interactionId, mail, open, onFlip, onTakenBack }: MailCardProps) {
  const { t, i18n } = useTranslation("inbox");
  const ours = mail.direction === "outbound";
  const files = mail.attachments.filter((file) => !file.inline);
  const names = (all: readonly MailAddress[]) => all.map(addressText).join(", ");
  return (
    <Box component="section" className={classes.mail} data-ours={ours || undefined}>
      <UnstyledButton className={classes.mailHead} aria-expanded={open} onClick={onFlip}>
        <Box flex={1} miw={0}>
          <Group gap={6} wrap="nowrap">
            {ours && <IconArrowBackUp size={16} aria-hidden />}
            <Text size="sm" fw={600} truncate>
              {mail.from.name || mail.from.address}
            </Text>
            {mail.kind === "auto_reply" && (
              <Badge size="xs" variant="default" tt="none">
                {t("common:timeline.automatic")}
              </Badge>
            )}
            <StateSign mail={mail} />
          </Group>
          <Text size="xs" c="dimmed" truncate>
            {open
              ? [
                  `${t("mail.to")} ${names(mail.to)}`,
                  mail.cc.length > 0 ? `${t("mail.cc")} ${names(mail.cc)}` : "",
                ]
                  .filter(Boolean)
                  .join(" · ")
              : mail.own_text.slice(0, 160)}
          </Text>
        </Box>
        <Text size="xs" c="dimmed" className="omni-tabular" style={{ flex: "none" }}>
          {instantText(mail.at, i18n.language)}
        </Text>
      </UnstyledButton>
      <Remedies interactionId={interactionId} mail={mail} onTakenBack={onTakenBack} />
      {open && (
        <Box className={classes.mailBody}>
          <MailBody html={mail.html} text={mail.text} />
          {mail.blocked_images > 0 && (
            <Text size="xs" c="dimmed" mt={6}>
              {t("mail.blockedImages", { count: mail.blocked_images })}
            </Text>
          )}
          {files.length > 0 && (
            <Group gap={8} mt="sm">
              {files.map((file) => (
                <Anchor
                  key={file.attachment_id}
                  className={classes.attachment}
                  href={`/api/mail-attachments/${file.attachment_id}`}
                  download={file.file_name}
                  size="sm"
                >
                  <IconFile size={16} aria-hidden />
                  {file.file_name}
                  <Text span size="xs" c="dimmed">
                    {sizeText(file.size_bytes, i18n.language)}
                  </Text>
                </Anchor>
              ))}
            </Group>
          )}
        </Box>
      )}
    </Box>
  );
}

function StateSign({ mail }: { mail: Mail }) {
  const { t } = useTranslation("inbox");
  if (mail.state === "failed" || mail.state === "bounced")
    return (
      <Badge size="xs" color="red" tt="none">
        {t("mail.failed")}
      </Badge>
    );
  if (mail.state === "queued" || mail.state === "sending")
    return (
      <Badge size="xs" variant="default" tt="none">
        {t("mail.queued")}
      </Badge>
    );
  if (mail.state === "cancelled")
    return (
      <Badge size="xs" color="gray" variant="light" tt="none">
        {t("mail.cancelled")}
      </Badge>
    );
  return null;
}

/** Why a mail was not sent: a refusal has its number, a mailbox's trouble the text of its code. */
function failure(reason: string, t: TFunction<"inbox">): string {
  const refused = /^refused \((\d+)\)$/.exec(reason);
  if (refused) return t("mail.reasons.refused", { code: refused[1] });
  return t(`mail.reasons.${reason}`, reasonText(reason));
}

type RemediesProps = Pick<MailCardProps, "interactionId" | "mail" | "onTakenBack">;

function Remedies({ interactionId, mail, onTakenBack }: RemediesProps) {
  const { t } = useTranslation("inbox");
  const takeBack = useTakeBack(interactionId);
  const sendAgain = useSendAgain(interactionId);
  if (mail.state === "queued")
    return (
      <Group px="sm" pb={8}>
        <Button
          size="compact-xs"
          variant="light"
          loading={takeBack.isPending}
          onClick={() =>
            takeBack.mutate(mail.mail_id, { onSuccess: () => onTakenBack(mail.own_text) })
          }
        >
          {t("mail.takeBack")}
        </Button>
      </Group>
    );
  if (mail.state === "failed")
    return (
      <Group px="sm" pb={8} gap={8}>
        <Text size="xs" c="red">
          {failure(mail.reason, t)}
        </Text>
        <Button
          size="compact-xs"
          variant="light"
          loading={sendAgain.isPending}
          onClick={() => sendAgain.mutate(mail.mail_id)}
        >
          {t("mail.sendAgain")}
        </Button>
      </Group>
    );
  return null;
}
