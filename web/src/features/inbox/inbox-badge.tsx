/** Number at the inbox's icon: offers that wait for an answer, else unread conversations. */
import { Badge } from "@mantine/core";
import { useDesk } from "./desk";

export function InboxBadge() {
  const { offers, active } = useDesk();
  const unread = active.filter((work) => work.unread > 0).length;
  if (offers.length + unread === 0) return null;
  return (
    <Badge
      size="sm"
      circle
      color={offers.length > 0 ? "red" : "yellow"}
      variant="filled"
      autoContrast
    >
      {offers.length || unread}
    </Badge>
  );
}
