/** A chat: its lines, who is typing, what has not arrived yet, and the field to write in. */
import { ActionIcon, Alert, Box, Button, Group, Text, Textarea } from "@mantine/core";
import { IconPlugConnectedX, IconSend } from "@tabler/icons-react";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { backoffMs } from "@/lib/backoff";
import { useDraft } from "@/lib/draft";
import { instantText } from "@/lib/format";
import { useLiveClient } from "@/lib/live";
import type { MessageRow, WorkRow } from "@/lib/types";
import { postLine, sayRead, sayTyping } from "../api/chat";
import { useLines } from "../desk";
import classes from "./chat.module.css";
import { Outbox, type Unsent } from "./outbox";

/** As the server has it. */
const LINE_CHARS = 4000;
const TYPING_EVERY_MS = 3000;
const TYPING_SHOWN_MS = 5000;

const outbox = new Outbox(
  postLine,
  () => crypto.randomUUID(),
  (attempt) =>
    new Promise((resolve) =>
      setTimeout(resolve, backoffMs(attempt, Math.random(), { firstMs: 1000, capMs: 8000 })),
    ),
);
const listen = (changed: () => void) => outbox.onChange(changed);

export function ChatThread({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const id = work.interaction_id;
  const lines = useLines(id);
  const unsent = useSyncExternalStore(listen, () => outbox.lines(id));
  const typing = useVisitorTyping(id, lines.length);

  useEffect(() => {
    outbox.arrived(id, new Set(lines.map((line) => line.client_ref).filter(Boolean)));
  }, [id, lines]);

  useEffect(() => {
    const last = lines.at(-1);
    if (last?.author === "visitor" && document.visibilityState === "visible")
      sayRead(id, last.number);
  }, [id, lines]);

  return (
    <Box className={classes.chat}>
      <Lines lines={lines} unsent={unsent} interactionId={id} typing={typing} />
      {work.state === "active" && (
        <>
          {!work.visitor_online && (
            <Alert color="gray" py={6} radius={0} icon={<IconPlugConnectedX size={16} />}>
              {t("chat.visitorOfflineHint")}
            </Alert>
          )}
          <Composer key={id} interactionId={id} />
        </>
      )}
    </Box>
  );
}

interface LinesProps {
  lines: readonly MessageRow[];
  unsent: readonly Unsent[];
  interactionId: string;
  typing: boolean;
}

function Lines({ lines, unsent, interactionId, typing }: LinesProps) {
  const { t } = useTranslation("inbox");
  const end = useRef<HTMLDivElement>(null);
  const count = lines.length + unsent.length;
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [count, interactionId, typing]);
  return (
    <Box className={classes.lines} role="log" aria-label={t("chat.lines")}>
      <Box flex={1} />
      {lines.map((line, index) => (
        <Line key={line.number} line={line} before={lines[index - 1]} />
      ))}
      {unsent.map((line) => (
        <Box key={line.ref} className={classes.row} data-author="agent">
          <Box className={classes.bubble} data-unsent={line.state}>
            {line.text}
          </Box>
          {line.state === "sending" ? (
            <Text size="xs" c="dimmed">
              {t("chat.sending")}
            </Text>
          ) : (
            <Group gap={6} role="alert">
              <Text size="xs" c="red">
                {t("chat.notSent")}
              </Text>
              <Button size="compact-xs" variant="light" onClick={() => outbox.retry(interactionId)}>
                {t("common:action.retry")}
              </Button>
              <Button
                size="compact-xs"
                variant="subtle"
                color="gray"
                onClick={() => outbox.discard(interactionId, line.ref)}
              >
                {t("chat.discard")}
              </Button>
            </Group>
          )}
        </Box>
      ))}
      {typing && (
        <Text size="xs" c="dimmed" role="status">
          {t("chat.typing")}
        </Text>
      )}
      <div ref={end} />
    </Box>
  );
}

function Line({ line, before }: { line: MessageRow; before: MessageRow | undefined }) {
  const { i18n } = useTranslation();
  if (line.author === "system")
    return (
      <Text size="xs" c="dimmed" ta="center">
        {line.text}
      </Text>
    );
  const follows = before?.author === line.author;
  return (
    <Box className={classes.row} data-author={line.author} data-follows={follows || undefined}>
      <Box className={classes.bubble}>{line.text}</Box>
      <Text size="xs" c="dimmed" className={`omni-tabular ${classes.at ?? ""}`}>
        {instantText(line.at, i18n.language)}
      </Text>
    </Box>
  );
}

function Composer({ interactionId }: { interactionId: string }) {
  const { t } = useTranslation("inbox");
  const [text, setText] = useDraft(`chat:${interactionId}`);
  const told = useRef(0);
  const write = (next: string) => {
    setText(next);
    const now = Date.now();
    if (next !== "" && now - told.current > TYPING_EVERY_MS) {
      told.current = now;
      sayTyping(interactionId);
    }
  };
  const send = () => {
    const line = text.trim();
    if (line === "") return;
    outbox.send(interactionId, line);
    setText("");
    told.current = 0;
  };
  return (
    <Group className={classes.composer} gap="xs" align="flex-end" wrap="nowrap">
      <Textarea
        flex={1}
        autosize
        minRows={1}
        maxRows={8}
        maxLength={LINE_CHARS}
        data-autofocus
        data-write
        aria-label={t("chat.write")}
        placeholder={t("chat.placeholder")}
        value={text}
        onChange={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          // While an input method composes (Chinese), Enter chooses a word.
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <ActionIcon
        size={36}
        aria-label={t("chat.send")}
        disabled={text.trim() === ""}
        onClick={send}
      >
        <IconSend size={18} />
      </ActionIcon>
    </Group>
  );
}

/** True for some seconds after the visitor typed, until their line arrives. */
function useVisitorTyping(interactionId: string, lines: number): boolean {
  const client = useLiveClient();
  const [seen, setSeen] = useState<{ lines: number } | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const forget = client.onHint((_, hint) => {
      if (hint["typing"] !== interactionId) return;
      setSeen({ lines });
      clearTimeout(timer);
      timer = setTimeout(() => setSeen(null), TYPING_SHOWN_MS);
    });
    return () => {
      clearTimeout(timer);
      forget();
    };
  }, [client, interactionId, lines]);
  return seen !== null && seen.lines === lines;
}
