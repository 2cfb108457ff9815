/** Reply to a mail: recipients, text, attachments; send, or send and finish. */
import {
  Box,
  Button,
  FileButton,
  Group,
  Pill,
  Stack,
  TagsInput,
  Text,
  Textarea,
} from "@mantine/core";
import { IconPaperclip, IconSend } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { sizeText } from "@/lib/format";
import type { WorkRow } from "@/lib/types";
import { uploadAttachment, useReply, type Attachment, type Mail } from "../api/mails";
import { useStep } from "../api/work";
import classes from "./mail.module.css";
import { usualRecipients, type Recipients } from "./recipients";
import { useMailDraft } from "./use-mail-draft";

export function ReplyEditor({ work, mails }: { work: WorkRow; mails: readonly Mail[] }) {
  const { t } = useTranslation("inbox");
  const id = work.interaction_id;
  const usual = usualRecipients(work, mails);
  const [chosen, setChosen] = useState<Recipients | null>(null);
  const [text, setText] = useMailDraft(id);
  const [files, setFiles] = useState<readonly Attachment[]>([]);
  const reply = useReply(id);
  const end = useStep("end");
  const attach = useMutation({
    mutationFn: (added: File[]) => Promise.all(added.map(uploadAttachment)),
    onSuccess: (added) => setFiles((before) => [...before, ...added]),
  });
  const someone = chosen === null || chosen.to.length > 0;
  const ready = text.trim() !== "" && someone && !attach.isPending && !reply.isPending;
  const send = (finish: boolean) => {
    if (!ready) return;
    const attachment_ids = files.map((file) => file.attachment_id);
    reply.mutate(
      { text, attachment_ids, ...(chosen ?? {}) },
      {
        onSuccess: () => {
          setText("");
          setFiles([]);
          setChosen(null);
          if (finish) end.mutate(id);
        },
      },
    );
  };
  return (
    <Box className={classes.reply}>
      <Stack gap={8}>
        <RecipientFields usual={usual} chosen={chosen} onChoose={setChosen} />
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
        <Files
          files={files}
          onRemove={(gone) => setFiles((all) => all.filter((f) => f !== gone))}
        />
        <Group justify="space-between" gap={8}>
          <FileButton multiple onChange={(added) => added.length > 0 && attach.mutate(added)}>
            {(props) => (
              <Button
                {...props}
                px={8}
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

interface RecipientFieldsProps {
  usual: Recipients;
  /** null: as usual; the fields show only when somebody wants others. */
  chosen: Recipients | null;
  onChoose: (chosen: Recipients) => void;
}

function RecipientFields({ usual, chosen, onChoose }: RecipientFieldsProps) {
  const { t } = useTranslation("inbox");
  if (chosen === null)
    return (
      <Group gap={8} wrap="nowrap" justify="space-between">
        <Text size="xs" c="dimmed" truncate>
          {t("mail.to")} {usual.to.join(", ")}
          {usual.cc.length > 0 && ` · ${t("mail.cc")} ${usual.cc.join(", ")}`}
        </Text>
        <Button size="compact-xs" variant="subtle" onClick={() => onChoose(usual)}>
          {t("mail.changeRecipients")}
        </Button>
      </Group>
    );
  return (
    <>
      <TagsInput
        size="xs"
        label={t("mail.to")}
        value={chosen.to}
        onChange={(to) => onChoose({ ...chosen, to })}
        acceptValueOnBlur
      />
      <TagsInput
        size="xs"
        label={t("mail.cc")}
        value={chosen.cc}
        onChange={(cc) => onChoose({ ...chosen, cc })}
        acceptValueOnBlur
      />
    </>
  );
}

interface FilesProps {
  files: readonly Attachment[];
  onRemove: (file: Attachment) => void;
}

function Files({ files, onRemove }: FilesProps) {
  const { t, i18n } = useTranslation("inbox");
  if (files.length === 0) return null;
  return (
    <Group gap={6}>
      {files.map((file) => (
        <Pill
          key={file.attachment_id}
          withRemoveButton
          removeButtonProps={{ "aria-label": t("mail.detach", { name: file.file_name }) }}
          onRemove={() => onRemove(file)}
        >
          {file.file_name} · {sizeText(file.size_bytes, i18n.language)}
        </Pill>
      ))}
    </Group>
  );
}
