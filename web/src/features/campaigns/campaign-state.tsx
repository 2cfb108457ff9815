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
import { Confirm } from "@/components/confirm";
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
  const look = (each: Command) => ({
    command: each,
    compact,
    loading: command.isPending && command.variables === each,
    disabled: command.isPending,
  });
  return (
    <Group gap={6} wrap="nowrap" justify="flex-end">
      {commandsFor(state).map((each) =>
        each === "stop" ? (
          <Confirm
            key={each}
            text={t("commandNote.stop")}
            action={t("command.stop")}
            onConfirm={() => command.mutate(each)}
          >
            {(ask) => <CommandButton {...look(each)} onPress={ask} />}
          </Confirm>
        ) : (
          <CommandButton key={each} {...look(each)} onPress={() => command.mutate(each)} />
        ),
      )}
    </Group>
  );
}

interface CommandButtonProps {
  command: Command;
  compact: boolean;
  loading: boolean;
  disabled: boolean;
  onPress: () => void;
}

function CommandButton({ command, compact, onPress, ...state }: CommandButtonProps) {
  const { t } = useTranslation("campaigns");
  const Icon = ICONS[command];
  const name = t(`command.${command}`);
  const button = {
    ...state,
    variant: command === "start" ? "filled" : "default",
    onClick: (event: MouseEvent) => {
      // The row of the table opens the campaign.
      event.stopPropagation();
      onPress();
    },
  };
  return (
    <Tooltip label={`${name}: ${t(`commandNote.${command}`)}`} openDelay={400} multiline maw={260}>
      {compact ? (
        <ActionIcon {...button} size="md" aria-label={name}>
          <Icon size={16} />
        </ActionIcon>
      ) : (
        <Button {...button} size="sm" leftSection={<Icon size={14} />}>
          {name}
        </Button>
      )}
    </Tooltip>
  );
}
