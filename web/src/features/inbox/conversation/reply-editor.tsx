/** Reply to a mail: recipients, text, attachments; send, or send and finish. */
import { Box, Button, FileButton, Group, Pill, Stack, TagsInput, Textarea } from "@mantine/core";
import { IconPaperclip, IconSend } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDraft } from "@/lib/draft";
import { sizeText } from "@/lib/format";
import type { WorkRow } from "@/lib/types";
import { uploadAttachment, useReply, type Attachment, type Mail } from "../api/mails";
import { useStep } from "../api/work";
import classes from "./mail.module.css";

/** Return whom a reply goes to: the last sender, with those who got a copy. */
export function recipients(work: WorkRow, mails: readonly Mail[]): { to: string[]; cc: string[] } {
  const last = mails.findLast((mail) => mail.direction === "inbound");
  if (!last) return { to: work.address ? [work.address] : [], cc: [] };
  return { to: [last.from], cc: last.cc };
}

export function ReplyEditor({ work, mails }: { work: WorkRow; mails: readonly Mail[] }) {
  const { t, i18n } = useTranslation("inbox");
  const id = work.interaction_id;
  const [first] = useState(() => recipients(work, mails));
  const [to, setTo] = useState(first.to);
  const [cc, setCc] = useState(first.cc);
  const [showCc, setShowCc] = useState(first.cc.length > 0);
  const [text, setText] = useDraft(`mail:${id}`);
  const [files, setFiles] = useState<readonly Attachment[]>([]);
  const reply = useReply(id);
  const end = useStep("end");
  const attach = useMutation({
    mutationFn: (chosen: File[]) => Promise.all(chosen.map(uploadAttachment)),
    onSuccess: (added) => setFiles((before) => [...before, ...added]),
  });
  const ready = text.trim() !== "" && to.length > 0 && !attach.isPending && !reply.isPending;
  const send = (finish: boolean) => {
    if (!ready) return;
    reply.mutate(
      { text, to, cc, attachment_ids: files.map((file) => file.attachment_id) },
      {
        onSuccess: () => {
          setText("");
          setFiles([]);
          if (finish) end.mutate(id);
        },
      },
    );
  };
  return (
    <Box className={classes.reply}>
      <Stack gap={8}>
        <Group gap={8} align="flex-end" wrap="nowrap">
          <TagsInput
            flex={1}
            size="xs"
            label={t("mail.to")}
            value={to}
            onChange={setTo}
            acceptValueOnBlur
          />
          {!showCc && (
            <Button size="compact-xs" variant="subtle" onClick={() => setShowCc(true)}>
              {t("mail.addCc")}
            </Button>
          )}
        </Group>
        {showCc && (
          <TagsInput size="xs" label={t("mail.cc")} value={cc} onChange={setCc} acceptValueOnBlur />
        )}
        <Textarea
          autosize
          minRows={4}
          maxRows={14}
          data-write
          aria-label={t("mail.reply")}
          placeholder={t("mail.placeholder")}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(false);
          }}
        />
        {files.length > 0 && (
          <Group gap={6}>
            {files.map((file) => (
              <Pill
                key={file.attachment_id}
                withRemoveButton
                removeButtonProps={{ "aria-label": t("mail.detach", { name: file.file_name }) }}
                onRemove={() => setFiles((all) => all.filter((each) => each !== file))}
              >
                {file.file_name} · {sizeText(file.size_bytes, i18n.language)}
              </Pill>
            ))}
          </Group>
        )}
        <Group justify="space-between" gap={8}>
          <FileButton multiple onChange={(chosen) => chosen.length > 0 && attach.mutate(chosen)}>
            {(props) => (
              <Button
                {...props}
                size="sm"
                variant="subtle"
                color="gray"
                loading={attach.isPending}
                leftSection={<IconPaperclip size={18} />}
              >
                {t("mail.attach")}
              </Button>
            )}
          </FileButton>
          <Group gap={8}>
            <Button
              variant="default"
              disabled={!ready}
              loading={reply.isPending}
              onClick={() => send(false)}
            >
              {t("mail.send")}
            </Button>
            <Button
              leftSection={<IconSend size={18} />}
              disabled={!ready}
              loading={reply.isPending || end.isPending}
              onClick={() => send(true)}
            >
              {t("mail.sendAndFinish")}
            </Button>
          </Group>
        </Group>
      </Stack>
    </Box>
  );
}
