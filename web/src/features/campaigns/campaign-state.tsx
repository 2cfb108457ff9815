/** A campaign's state, and the buttons that change it. */
import { ActionIcon, Badge, Button, Group, Tooltip } from "@mantine/core";
import {
  IconDropletDown,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
} from "@tabler/icons-react";
import type { MouseEvent } from "react";
import { useTranslation } from "react-i18next";
import { useMe, hasRole } from "@/lib/session";
import { useCommand, type Command } from "./api/campaigns";

const COLORS: Record<string, string> = {
  running: "teal",
  paused: "yellow",
  draining: "orange",
  stopped: "gray",
  finished: "gray",
  draft: "gray",
};

export function StateBadge({ state }: { state: string }) {
  const { t } = useTranslation("terms");
  return (
    <Badge variant="light" color={COLORS[state] ?? "gray"} tt="none" fw={600}>
      {t(`campaignState.${state}`)}
    </Badge>
  );
}

/** What may be asked of a campaign in this state. */
export function commandsFor(state: string): Command[] {
  if (state === "running") return ["pause", "drain", "stop"];
  if (state === "paused" || state === "draining") return ["start", "stop"];
  return ["start"];
}

const ICONS = {
  start: IconPlayerPlay,
  pause: IconPlayerPause,
  drain: IconDropletDown,
  stop: IconPlayerStop,
};

interface CommandButtonsProps {
  campaignId: string;
  state: string;
  /** Without words, for the row of a table. */
  compact?: boolean;
}

export function CommandButtons({ campaignId, state, compact = false }: CommandButtonsProps) {
  const { t } = useTranslation("campaigns");
  const command = useCommand(campaignId);
  const me = useMe();
  if (!hasRole(me, ["manager", "admin"])) return null;
  return (
    <Group gap={6} wrap="nowrap" justify="flex-end">
      {commandsFor(state).map((each) => {
        const Icon = ICONS[each];
        const shared = {
          variant: each === "start" ? "filled" : "default",
          loading: command.isPending && command.variables === each,
          disabled: command.isPending,
          onClick: (event: MouseEvent) => {
            event.stopPropagation();
            command.mutate(each);
          },
        };
        return (
          <Tooltip
            key={each}
            label={`${t(`command.${each}`)}: ${t(`commandNote.${each}`)}`}
            openDelay={400}
            multiline
            maw={260}
          >
            {compact ? (
              <ActionIcon {...shared} size="md" aria-label={t(`command.${each}`)}>
                <Icon size={16} />
              </ActionIcon>
            ) : (
              <Button {...shared} size="sm" leftSection={<Icon size={14} />}>
                {t(`command.${each}`)}
              </Button>
            )}
          </Tooltip>
        );
      })}
    </Group>
  );
}
