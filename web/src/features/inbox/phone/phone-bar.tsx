/** State of the phone in one line; details (microphone, level, figures) on a click. */
import {
  Alert,
  Button,
  Group,
  Popover,
  Progress,
  Select,
  Stack,
  Text,
  UnstyledButton,
} from "@mantine/core";
import { IconAlertTriangle, IconHeadset, IconHeadsetOff, IconSettings } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PhoneState } from "./browser-phone";
import classes from "./phone-bar.module.css";
import { phone, usePhone } from "./phone";
import { useLevel } from "./use-level";

export function PhoneBar() {
  const { t } = useTranslation("inbox");
  const state = usePhone();
  const failed = state.status === "failed";
  const Icon = state.status === "off" || failed ? IconHeadsetOff : IconHeadset;
  return (
    <div className={classes.bar}>
      <Popover position="top-start" width={300} trapFocus withArrow shadow="md">
        <Popover.Target>
          <UnstyledButton
            className={classes.button}
            data-status={state.status}
            data-testid="phone-status"
            aria-label={t("phone.details")}
          >
            <Icon size={18} stroke={1.7} aria-hidden />
            <Text size="sm" flex={1} truncate>
              {t(`phone.status.${state.status}`)}
            </Text>
            <IconSettings size={16} stroke={1.7} aria-hidden />
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown>
          <PhoneDetails state={state} />
        </Popover.Dropdown>
      </Popover>
      {state.problem && (state.problem !== "unreachable" || failed) && (
        <Alert color="red" p="xs" icon={<IconAlertTriangle size={16} />} role="alert">
          <Text size="xs">{t(`phone.problem.${state.problem}`)}</Text>
          <Button mt={6} size="compact-xs" color="red" onClick={() => phone.turnOn()}>
            {t(state.problem === "replaced" ? "phone.useHere" : "common:action.retry")}
          </Button>
        </Alert>
      )}
    </div>
  );
}

function PhoneDetails({ state }: { state: PhoneState }) {
  const { t } = useTranslation("inbox");
  const level = useLevel(state.microphone);
  const devices = useMicrophones(state.microphone);
  const figures = useQuery({
    queryKey: ["phone-figures"],
    queryFn: () => phone.stats(),
    enabled: state.status === "up",
    refetchInterval: 2000,
    gcTime: 0,
  });
  const chosen = state.microphone?.getAudioTracks()[0]?.getSettings().deviceId ?? null;
  return (
    <Stack gap="sm">
      <Text size="sm" fw={600}>
        {t(`phone.status.${state.status}`)}
      </Text>
      {state.microphone ? (
        <>
          <Select
            size="xs"
            label={t("phone.microphone")}
            data={devices.map(({ deviceId, label }) => ({
              value: deviceId,
              label: label || t("phone.unnamedDevice"),
            }))}
            value={chosen}
            allowDeselect={false}
            comboboxProps={{ withinPortal: false }}
            onChange={(deviceId) => deviceId && void phone.chooseMicrophone(deviceId)}
          />
          <div>
            <Text size="xs" c="dimmed" mb={4}>
              {t("phone.level")}
            </Text>
            <Progress value={level} size="sm" color="green" aria-label={t("phone.level")} />
          </div>
        </>
      ) : (
        <Text size="xs" c="dimmed">
          {t("phone.whatFor")}
        </Text>
      )}
      {figures.data && (
        <Text size="xs" c="dimmed" className="omni-tabular">
          {t("phone.figures", {
            lost: figures.data.packetsLost,
            jitter: Math.round(figures.data.jitterMs),
            delay: figures.data.roundTripMs === null ? "–" : Math.round(figures.data.roundTripMs),
          })}
        </Text>
      )}
      <Group grow>
        {state.status === "off" || state.status === "failed" ? (
          <Button size="xs" onClick={() => phone.turnOn()}>
            {t("phone.turnOn")}
          </Button>
        ) : (
          <Button size="xs" variant="default" onClick={() => phone.turnOff()}>
            {t("phone.turnOff")}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function useMicrophones(microphone: MediaStream | null): readonly MediaDeviceInfo[] {
  const [devices, setDevices] = useState<readonly MediaDeviceInfo[]>([]);
  useEffect(() => {
    const media = navigator.mediaDevices as MediaDevices | undefined;
    if (!microphone || !media) return undefined;
    const read = () =>
      media.enumerateDevices().then(
        (all) => setDevices(all.filter(({ kind }) => kind === "audioinput")),
        () => undefined,
      );
    void read();
    media.addEventListener("devicechange", read);
    return () => media.removeEventListener("devicechange", read);
  }, [microphone]);
  return devices;
}
