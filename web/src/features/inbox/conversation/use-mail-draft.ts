/** The text of an answer: at once in this tab, a moment later on the server. */
import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect } from "react";
import { readDraft, useDraft, writeDraft } from "@/lib/draft";
import { fetchDraft, keepDraft } from "../api/mails";

const KEEP_AFTER_MS = 1500;

export function useMailDraft(interactionId: string): [string, (text: string) => void] {
  const key = `mail:${interactionId}`;
  const [text, setText] = useDraft(key);
  const keep = useDebouncedCallback((next: string) => {
    // The tab has it; the server's copy is for another device and may wait for the next key.
    keepDraft(interactionId, next).catch(() => undefined);
  }, KEEP_AFTER_MS);

  useEffect(() => {
    if (readDraft(key) !== "") return undefined;
    let asked = true;
    fetchDraft(interactionId).then(
      (kept) => asked && kept !== "" && readDraft(key) === "" && writeDraft(key, kept),
      () => undefined,
    );
    return () => {
      asked = false;
    };
  }, [interactionId, key]);

  return [
    text,
    (next) => {
      setText(next);
      keep(next);
    },
  ];
}
