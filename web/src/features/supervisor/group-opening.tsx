/** Whether a group is open and why; opening and closing it by hand. */
import { Menu, Text, UnstyledButton } from "@mantine/core";
import { IconCheck, IconChevronDown } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/lib/api";
import type { GroupRow } from "./rows";

const HANDS = ["automatic", "open", "closed"] as const;
type Hand = (typeof HANDS)[number];

/** What was done by hand follows from the cause. */
function handOf(row: GroupRow): Hand {
  if (row.cause === "kept_open") return "open";
  return row.cause === "closed_by_hand" ? "closed" : "automatic";
}

export function GroupOpening({ row }: { row: GroupRow }) {
  const { t } = useTranslation("supervisor");
  const save = useMutation({
    mutationFn: (hand: Hand) =>
      api.POST("/api/groups/{group_id}/opening", {
        params: { path: { group_id: row.id } },
        body: { hand },
      }),
  });
  const shown = t(`terms:groupCause.${row.cause}`);
  return (
    <Menu withinPortal position="bottom-end" shadow="md">
      <Menu.Target>
        <UnstyledButton
          fz="sm"
          c={row.open ? undefined : "dimmed"}
          aria-label={t("group.change", { name: row.name, state: shown })}
          onClick={(event) => event.stopPropagation()}
          style={{ display: "inline-flex", alignItems: "center", gap: 4, whiteSpace: "nowrap" }}
        >
          {shown}
          <IconChevronDown size={13} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown onClick={(event) => event.stopPropagation()}>
        {HANDS.map((hand) => (
          <Menu.Item
            key={hand}
            disabled={save.isPending}
            leftSection={hand === handOf(row) ? <IconCheck size={14} /> : <span />}
            onClick={() => save.mutate(hand)}
          >
            {t(`group.hand.${hand}`)}
            <Text size="xs" c="dimmed">
              {t(`group.handNote.${hand}`)}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
