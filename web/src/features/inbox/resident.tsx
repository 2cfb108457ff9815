/**
 * What an agent needs on every page: the desk's live rows, the phone, alerts, and offers that can
 * be answered away from the inbox.
 */
import { Box } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { useCodes } from "@/lib/codes";
import { useRows, useTopic } from "@/lib/live";
import { useAlerts } from "./alerts/use-alerts";
import { useDesk, useMeRow } from "./desk";
import { phone } from "./phone/phone";
import classes from "./inbox.module.css";
import { OfferCard } from "./work-list/offer-card";

export function Resident() {
  const { loaded } = useTopic("desk");
  const rows = useRows("desk", "work");
  const state = useMeRow()?.state;
  useAlerts(rows, loaded);
  // Fetched before the first conversation, so that no page shows bare codes.
  useCodes("disposition");

  useEffect(() => {
    // On shift (also after a reload) the phone is wanted; signed out it is not.
    if (state === undefined) return;
    if (state === "signed_out") phone.turnOff();
    else phone.turnOn();
  }, [state === undefined, state === "signed_out"]); // eslint-disable-line react-hooks/exhaustive-deps -- only the edge between on and off shift counts

  useEffect(() => () => phone.turnOff(), []);

  return <OfferTray />;
}

function OfferTray() {
  const { t } = useTranslation("inbox");
  const { offers } = useDesk();
  const away = !useLocation().pathname.startsWith("/inbox");
  if (!away || offers.length === 0) return null;
  return (
    <Box className={classes.tray} role="region" aria-label={t("list.offers")}>
      {offers.map((work) => (
        <OfferCard key={work.interaction_id} work={work} />
      ))}
    </Box>
  );
}
