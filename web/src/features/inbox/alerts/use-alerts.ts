/** Sounds, notifications of the browser, and the number in the tab's title. */
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { WorkRow } from "@/lib/types";
import { useNameOf } from "../desk";
import { newsOf } from "./news";
import { play } from "./sounds";

/** An offer rings again until it is answered. */
const RING_EVERY_MS = 3000;

export function useAlerts(rows: readonly WorkRow[], loaded: boolean): void {
  const { t } = useTranslation("inbox");
  const navigate = useNavigate();
  const naming = useNameOf();
  const nameOf = useRef(naming);
  const before = useRef<readonly WorkRow[] | null>(null);
  const offers = rows.filter((work) => work.state === "offered" && !work.auto_accept).length;
  const unread = rows.filter((work) => work.state === "active" && work.unread > 0).length;

  useEffect(() => {
    nameOf.current = naming;
  });

  useEffect(() => {
    if (!loaded) return;
    for (const { kind, work } of newsOf(before.current, rows)) {
      play(kind);
      if (document.visibilityState === "visible" || !notificationsAllowed()) continue;
      const shown = new Notification(
        t(`alert.${kind}`, { medium: t(`common:medium.${work.medium}`) }),
        {
          body: nameOf.current(work),
          tag: work.interaction_id,
        },
      );
      shown.onclick = () => {
        window.focus();
        void navigate(`/inbox/${work.interaction_id}`);
        shown.close();
      };
    }
    before.current = rows;
  }, [rows, loaded, navigate, t]);

  useEffect(() => {
    if (offers === 0) return undefined;
    const timer = setInterval(() => play("offer"), RING_EVERY_MS);
    return () => clearInterval(timer);
  }, [offers]);

  useEffect(() => {
    const count = offers + unread;
    document.title = count > 0 ? `(${count}) omni` : "omni";
    return () => {
      document.title = "omni";
    };
  }, [offers, unread]);
}

export function notificationsAllowed(): boolean {
  return typeof Notification !== "undefined" && Notification.permission === "granted";
}
