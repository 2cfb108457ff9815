/**
 * All shortcuts of the inbox in one table. They use Alt, so that they work while typing, and the
 * key's place (`code`), so that they work on any layout. `?` works outside of text fields.
 */

export type Shortcut =
  | "accept"
  | "reject"
  | "previous"
  | "next"
  | "mute"
  | "hold"
  | "end"
  | "ready"
  | "write"
  | "result"
  | "help";

export interface Binding {
  shortcut: Shortcut;
  /** KeyboardEvent.code with Alt held. */
  code: string;
  /** As shown on the help page. */
  keys: readonly string[];
}

export const BINDINGS: readonly Binding[] = [
  { shortcut: "accept", code: "KeyA", keys: ["Alt", "A"] },
  { shortcut: "reject", code: "KeyX", keys: ["Alt", "X"] },
  { shortcut: "previous", code: "ArrowUp", keys: ["Alt", "↑"] },
  { shortcut: "next", code: "ArrowDown", keys: ["Alt", "↓"] },
  { shortcut: "write", code: "KeyW", keys: ["Alt", "W"] },
  { shortcut: "result", code: "KeyS", keys: ["Alt", "S"] },
  { shortcut: "mute", code: "KeyM", keys: ["Alt", "M"] },
  { shortcut: "hold", code: "KeyH", keys: ["Alt", "H"] },
  { shortcut: "end", code: "KeyQ", keys: ["Alt", "Q"] },
  { shortcut: "ready", code: "KeyR", keys: ["Alt", "R"] },
];

type Press = Pick<KeyboardEvent, "code" | "key" | "altKey" | "ctrlKey" | "metaKey"> & {
  target: EventTarget | null;
};

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Return the shortcut that a key press means, null for none. */
export function shortcutOf(press: Press): Shortcut | null {
  if (press.ctrlKey || press.metaKey) return null;
  if (!press.altKey) return press.key === "?" && !typing(press.target) ? "help" : null;
  return BINDINGS.find(({ code }) => code === press.code)?.shortcut ?? null;
}
