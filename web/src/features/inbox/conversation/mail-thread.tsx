/** The mails of a conversation, the newest open, and the reply. */
import { Alert, Box, Button, Group, Loader, Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDraft } from "@/lib/draft";
import { errorText } from "@/lib/errors";
import type { WorkRow } from "@/lib/types";
import { useMails } from "../api/mails";
import { MailCard } from "./mail-card";
import classes from "./mail.module.css";
import { ReplyEditor } from "./reply-editor";

export function MailThread({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const id = work.interaction_id;
  const mails = useMails(id, work.mails);
  const [, setDraft] = useDraft(`mail:${id}`);
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
  const newest = all.findLast((mail) => mail.direction === "inbound") ?? all.at(-1);
  const flip = (mailId: string) =>
    setFlipped((before) => {
      const next = new Set(before);
      if (!next.delete(mailId)) next.add(mailId);
      return next;
    });
  return (
    <Box className={classes.thread}>
      <Stack gap="sm" className={classes.mails}>
        {all.map((mail) => (
          <MailCard
            key={mail.mail_id}
            interactionId={id}
            mail={mail}
            open={(mail === newest) !== flipped.has(mail.mail_id)}
            onFlip={() => flip(mail.mail_id)}
            onTakenBack={setDraft}
          />
        ))}
      </Stack>
      {work.state === "active" && <ReplyEditor key={id} work={work} mails={all} />}
    </Box>
  );
}
