/** A call: its state, its timer, and what can be done to it. */
import { ActionIcon, Badge, Box, Group, Popover, Stack, Text, Tooltip } from "@mantine/core";
import {
  IconDialpad,
  IconMicrophone,
  IconMicrophoneOff,
  IconPlayerPause,
  IconPlayerPlay,
} from "@tabler/icons-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Elapsed } from "@/components/elapsed";
import type { WorkRow } from "@/lib/types";
import { useHold, useMute } from "../api/call-control";
import { useNameOf } from "../desk";
import { onCallCommand } from "../keyboard/commands";
import classes from "./call-panel.module.css";
import { Errand } from "./errand";
import { Keypad } from "./keypad";

function statusOf(work: WorkRow): string {
  if (work.state === "wrap_up") return "ended";
  if (!work.connected) return work.errand || "connecting";
  return work.held ? "onHold" : "connected";
}

export function CallPanel({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const nameOf = useNameOf();
  const ended = work.state === "wrap_up";
  const status = statusOf(work);
  return (
    <Stack className={classes.panel} align="center" justify="center" gap="xs" data-status={status}>
      <Text size="xl" fw={650} ta="center">
        {nameOf(work)}
      </Text>
      {(work.customer_name !== "" || work.address === "") && (
        <Text c="dimmed" className="omni-tabular">
          {work.address || t("call.withheld")}
        </Text>
      )}
      <Text className={classes.timer} fw={300}>
        {ended ? (
          "–"
        ) : (
          <Elapsed since={work.accepted_at ?? work.offered_at} label={t("conversation.time")} />
        )}
      </Text>
      <Group gap="xs" justify="center" role="status">
        <Badge
          variant="light"
          tt="none"
          size="lg"
          color={status === "connected" ? "green" : "gray"}
        >
          {t(`call.${status}`)}
        </Badge>
        {work.muted && (
          <Badge variant="light" tt="none" size="lg" color="orange">
            {t("call.muted")}
          </Badge>
        )}
        {work.recording && (
          <Badge
            variant="default"
            tt="none"
            size="lg"
            leftSection={<Box className={classes.recording} />}
          >
            {t("call.recording")}
          </Badge>
        )}
      </Group>
      {work.errand !== "" && <Errand work={work} />}
      {!ended && <Controls work={work} />}
    </Stack>
  );
}

function Controls({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const hold = useHold(work.interaction_id);
  const mute = useMute(work.interaction_id);
  const { held, muted, connected } = work;
  const toggleHold = () => hold.mutate(!held);
  const toggleMute = () => mute.mutate(!muted);

  useEffect(() =>
    onCallCommand((command) => {
      if (!connected) return;
      if (command === "mute") toggleMute();
      if (command === "hold") toggleHold();
    }),
  );
  return (
    <Group gap="lg" mt="sm" justify="center">
      <Control
        label={t(muted ? "call.unmute" : "call.mute")}
        pressed={muted}
        busy={mute.isPending}
        disabled={!connected}
        onClick={toggleMute}
        icon={muted ? <IconMicrophoneOff /> : <IconMicrophone />}
      />
      <Control
        label={t(held ? "call.resume" : "call.hold")}
        pressed={held}
        busy={hold.isPending}
        disabled={!connected}
        onClick={toggleHold}
        icon={held ? <IconPlayerPlay /> : <IconPlayerPause />}
      />
      <Popover position="bottom" trapFocus shadow="md" withArrow>
        <Popover.Target>
          <div>
            <Control label={t("call.keypad")} disabled={!connected} icon={<IconDialpad />} popup />
          </div>
        </Popover.Target>
        <Popover.Dropdown>
          <Keypad interactionId={work.interaction_id} />
        </Popover.Dropdown>
      </Popover>
    </Group>
  );
}

interface ControlProps {
  label: string;
  icon: React.ReactNode;
  pressed?: boolean;
  busy?: boolean;
  disabled?: boolean;
  popup?: boolean;
  onClick?: () => void;
}

function Control({ label, icon, pressed, busy, disabled, popup, onClick }: ControlProps) {
  return (
    <Tooltip label={label}>
      <Stack gap={4} align="center" w={76}>
        <ActionIcon
          size={52}
          radius="xl"
          variant={pressed ? "filled" : "default"}
          color={pressed ? "orange.8" : undefined}
          aria-label={label}
          aria-pressed={popup ? undefined : pressed}
          aria-haspopup={popup ? "dialog" : undefined}
          loading={busy}
          disabled={disabled}
          onClick={onClick}
        >
          {icon}
        </ActionIcon>
        <Text size="xs" c="dimmed" ta="center" aria-hidden>
          {label}
        </Text>
      </Stack>
    </Tooltip>
  );
}
