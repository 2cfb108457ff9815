/** Obey the inbox's shortcuts. */
import { useEffect } from "react";
import { useNavigate } from "react-router";
import type { WorkRow } from "@/lib/types";
import { useChangeState } from "./api/change-state";
import { useStep } from "./api/work";
import { useMeRow, type Desk } from "./desk";
import { sayCallCommand } from "./keyboard/commands";
import { shortcutOf, type Shortcut } from "./keyboard/shortcuts";
import { phone } from "./phone/phone";
import { neighbour } from "./selection";
import { focusResult } from "./wrap-up/focus-result";

export function useInboxShortcuts(desk: Desk, shown: WorkRow | null, onHelp: () => void): void {
  const navigate = useNavigate();
  const me = useMeRow();
  const accept = useStep("accept");
  const reject = useStep("reject");
  const end = useStep("end");
  const change = useChangeState();

  useEffect(() => {
    const open = (id: string | null) => {
      if (id) void navigate(`/inbox/${id}`);
    };
    const offer = desk.offers.find((work) => !work.auto_accept);
    const here = shown?.interaction_id ?? null;
    const deeds: Record<Shortcut, () => void> = {
      accept: () =>
        offer &&
        accept.mutate(offer.interaction_id, { onSuccess: () => open(offer.interaction_id) }),
      reject: () => offer && reject.mutate(offer.interaction_id),
      previous: () => open(neighbour(desk, here, -1)),
      next: () => open(neighbour(desk, here, 1)),
      mute: () => sayCallCommand("mute"),
      hold: () => sayCallCommand("hold"),
      end: () => shown?.state === "active" && end.mutate(shown.interaction_id),
      ready: () => {
        if (me?.state !== "break" && me?.state !== "signed_out") return;
        phone.turnOn();
        change.mutate({ state: "ready" });
      },
      write: () => document.querySelector<HTMLElement>("[data-write]")?.focus(),
      result: focusResult,
      help: onHelp,
    };
    const press = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      if (!shortcut || event.repeat) return;
      event.preventDefault();
      deeds[shortcut]();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
}
