/** The mails of a conversation, the newest open, and the reply. */
import {
  Alert,
  Anchor,
  Badge,
  Box,
  Button,
  Group,
  Loader,
  Stack,
  Text,
  UnstyledButton,
} from "@mantine/core";
import { IconArrowBackUp, IconFile } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { errorText } from "@/lib/errors";
import { instantText, sizeText } from "@/lib/format";
import type { WorkRow } from "@/lib/types";
import { useMails, type Mail } from "../api/mails";
import { MailBody } from "./mail-body";
import classes from "./mail.module.css";
import { ReplyEditor } from "./reply-editor";

export function MailThread({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const mails = useMails(work.interaction_id, work.mails);
  const [flipped, setFlipped] = useState<ReadonlySet<string>>(new Set());
  if (mails.isPending) return <Loader m="xl" mx="auto" />;
  if (mails.isError)
    return (
      <Alert color="red" m="md">
        <Group justify="space-between">
          {errorText(mails.error)}
          <Button size="compact-sm" onClick={() => void mails.refetch()}>
            {t("common:action.retry")}
          </Button>
        </Group>
      </Alert>
    );
  const all = mails.data;
  const flip = (id: string) =>
    setFlipped((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return (
    <Box className={classes.thread}>
      <Stack gap="sm" className={classes.mails}>
        {all.map((mail, index) => {
          const open = (index === all.length - 1) !== flipped.has(mail.mail_id);
          return (
            <MailCard
              key={mail.mail_id}
              mail={mail}
              open={open}
              onFlip={() => flip(mail.mail_id)}
            />
          );
        })}
      </Stack>
      {work.state === "active" && <ReplyEditor key={work.interaction_id} work={work} mails={all} />}
    </Box>
  );
}

function MailCard({ mail, open, onFlip }: { mail: Mail; open: boolean; onFlip: () => void }) {
  const { t, i18n } = useTranslation("inbox");
  const ours = mail.direction === "outbound";
  return (
    <Box component="section" className={classes.mail} data-ours={ours || undefined}>
      <UnstyledButton className={classes.mailHead} aria-expanded={open} onClick={onFlip}>
        <Box flex={1} miw={0}>
          <Group gap={6} wrap="nowrap">
            {ours && <IconArrowBackUp size={16} aria-hidden />}
            <Text size="sm" fw={600} truncate>
              {mail.from}
            </Text>
            {mail.state === "failed" && (
              <Badge size="xs" color="red">
                {t("mail.failed")}
              </Badge>
            )}
            {mail.state === "queued" && (
              <Badge size="xs" variant="default">
                {t("mail.queued")}
              </Badge>
            )}
          </Group>
          <Text size="xs" c="dimmed" truncate>
            {open
              ? [
                  `${t("mail.to")} ${mail.to.join(", ")}`,
                  mail.cc.length > 0 ? `${t("mail.cc")} ${mail.cc.join(", ")}` : "",
                ]
                  .filter(Boolean)
                  .join(" · ")
              : mail.text.slice(0, 160)}
          </Text>
        </Box>
        <Text size="xs" c="dimmed" className="omni-tabular" style={{ flex: "none" }}>
          {instantText(mail.at, i18n.language)}
        </Text>
      </UnstyledButton>
      {open && (
        <Box className={classes.mailBody}>
          <MailBody html={mail.html} text={mail.text} />
          {mail.attachments.length > 0 && (
            <Group gap={8} mt="sm">
              {mail.attachments.map((file) => (
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
