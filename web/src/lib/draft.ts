/**
 * Unfinished texts that survive a change of conversation and a reload (not the end of the tab).
 * Keys say what the text is for, e.g. `note:<interaction>`.
 */
import { useCallback, useSyncExternalStore } from "react";

const PREFIX = "omni.draft.";
const listeners = new Map<string, Set<() => void>>();

export function readDraft(key: string): string {
  return sessionStorage.getItem(PREFIX + key) ?? "";
}

export function writeDraft(key: string, text: string): void {
  if (text === "") sessionStorage.removeItem(PREFIX + key);
  else sessionStorage.setItem(PREFIX + key, text);
  for (const listener of [...(listeners.get(key) ?? [])]) listener();
}

/** Return the draft and a setter, shared by all who use the same key. */
export function useDraft(key: string): [string, (text: string) => void] {
  const listen = useCallback(
    (changed: () => void) => {
      const all = listeners.get(key) ?? new Set();
      listeners.set(key, all.add(changed));
      return () => {
        all.delete(changed);
        if (all.size === 0) listeners.delete(key);
      };
    },
    [key],
  );
  const text = useSyncExternalStore(listen, () => readDraft(key));
  const write = useCallback((next: string) => writeDraft(key, next), [key]);
  return [text, write];
}
