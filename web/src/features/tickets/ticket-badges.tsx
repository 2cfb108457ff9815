/** State and priority of a ticket; colour only for what still needs somebody. */
import { Badge, type MantineColor } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { TicketPriority, TicketState } from "./api/tickets";

const STATE_COLOURS: Record<TicketState, MantineColor> = {
  open: "blue",
  pending: "yellow",
  solved: "green",
  closed: "gray",
};

export function StateBadge({ state }: { state: TicketState }) {
  const { t } = useTranslation("tickets");
  return (
    <Badge variant="light" color={STATE_COLOURS[state]} tt="none" fw={600}>
      {t(`state.${state}`)}
    </Badge>
  );
}

export function PriorityBadge({ priority }: { priority: TicketPriority }) {
  const { t } = useTranslation("tickets");
  if (priority === "urgent" || priority === "high")
    return (
      <Badge variant="light" color={priority === "urgent" ? "red" : "orange"} tt="none" fw={600}>
        {t(`priority.${priority}`)}
      </Badge>
    );
  return <>{t(`priority.${priority}`)}</>;
}
