/**
 * The result of a conversation: a disposition (needed) and a note (not needed). Both can be filled
 * in while the conversation goes on; they are kept as drafts and sent once it has ended.
 *
 * By keyboard: arrows choose, Tab goes to the note, Ctrl+Enter finishes. When the conversation ends
 * and nobody is typing anywhere, the keyboard is here.
 */
import { Box, Button, Chip, Group, Stack, Text, Textarea } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCodeLabel, useCodes } from "@/lib/codes";
import { useDraft, writeDraft } from "@/lib/draft";
import type { CodeBody, WorkRow } from "@/lib/types";
import { useWrapUp } from "../api/work";
import { instantOf } from "@/lib/local-time";
import { CallbackTime } from "./callback-time";
import { focusResult } from "./focus-result";

/** As the server has it. */
const NOTE_CHARS = 4000;

/** What the server writes when nobody chose in time; not a choice. */
const NO_CHOICE = "none";

function grouped(codes: readonly CodeBody[]): [string, CodeBody[]][] {
  const groups = new Map<string, CodeBody[]>();
  for (const code of codes)
    if (code.code !== NO_CHOICE) groups.set(code.group, [...(groups.get(code.group) ?? []), code]);
  return [...groups];
}

export function ResultForm({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const id = work.interaction_id;
  const codes = useCodes("disposition");
  const groups = useMemo(() => grouped(codes), [codes]);
  const label = useCodeLabel("disposition");
  const [disposition, setDisposition] = useDraft(`disposition:${id}`);
  const [note, setNote] = useDraft(`note:${id}`);
  const [callbackAt, setCallbackAt] = useDraft(`callback:${id}`);
  const [personal, setPersonal] = useState(true);
  const meaning = codes.find((code) => code.code === disposition)?.meaning;
  const asksWhen = meaning === "callback" && work.campaign_id !== null;
  const wrapUp = useWrapUp();
  const ended = work.state === "wrap_up";

  const finish = () => {
    const at = asksWhen ? instantOf(callbackAt, new Date()) : null;
    wrapUp.mutate(
      { interactionId: id, disposition, note, callback: at === null ? null : { at, personal } },
      {
        onSuccess: () => {
          writeDraft(`disposition:${id}`, "");
          writeDraft(`note:${id}`, "");
          writeDraft(`callback:${id}`, "");
        },
      },
    );
  };
  const choosable = groups.length > 0;
  useEffect(() => {
    if (ended && choosable && document.activeElement === document.body) focusResult();
  }, [ended, choosable]);
  const ready = ended && disposition !== "" && !wrapUp.isPending;
  return (
    <Box
      component="form"
      data-testid="result-form"
      data-result
      onSubmit={(event: React.FormEvent) => {
        event.preventDefault();
        if (ready) finish();
      }}
      onKeyDown={(event: React.KeyboardEvent) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        if (ready) finish();
        else if (disposition === "") focusResult();
      }}
    >
      <Stack gap="sm">
        <Chip.Group value={disposition} onChange={setDisposition}>
          {groups.map(([group, members]) => (
            <Box key={group} component="fieldset" p={0} m={0} bd="none">
              <Text component="legend" size="xs" c="dimmed" fw={600} mb={6} p={0}>
                {t(`result.group.${group}`, { defaultValue: group })}
              </Text>
              <Group gap={6}>
                {members.map((code) => (
                  <Chip
                    key={code.code}
                    value={code.code}
                    size="sm"
                    variant="filled"
                    color="brand.8"
                  >
                    {label(code.code)}
                  </Chip>
                ))}
              </Group>
            </Box>
          ))}
        </Chip.Group>
        {asksWhen && (
          <CallbackTime
            text={callbackAt}
            personal={personal}
            onText={setCallbackAt}
            onPersonal={setPersonal}
          />
        )}
        <Textarea
          label={t("result.note")}
          placeholder={t("result.notePlaceholder")}
          autosize
          minRows={3}
          maxRows={8}
          maxLength={NOTE_CHARS}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Group justify="space-between" gap="sm">
          <Text size="xs" c="dimmed" flex={1}>
            {!ended ? t("result.whileActive") : disposition === "" ? t("result.choose") : ""}
          </Text>
          <Button
            type="submit"
            leftSection={<IconCheck size={18} />}
            loading={wrapUp.isPending}
            disabled={!ready}
          >
            {t("result.finish")}
          </Button>
        </Group>
      </Stack>
    </Box>
  );
}
