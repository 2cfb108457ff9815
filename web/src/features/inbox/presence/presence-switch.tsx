/** The agent's state with its timer, and the menu to change it. */
import { Box, Button, ColorSwatch, Group, Menu, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconCoffee, IconLogout, IconPlayerPlay } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Since } from "@/components/since";
import { stateKey } from "@/lib/agent-state";
import { useCodeLabel, useCodes } from "@/lib/codes";
import type { MeRow } from "@/lib/types";
import { useChangeState } from "../api/change-state";
import { phone } from "../phone/phone";
import classes from "./presence.module.css";
import { STATE_COLOURS } from "./states";

export function PresenceSwitch({ me, withButton }: { me: MeRow; withButton: boolean }) {
  const { t } = useTranslation("inbox");
  const change = useChangeState();
  const reasons = useCodes("break_reason");
  const label = useCodeLabel("break_reason");
  const goReady = () => {
    // The click is the gesture that lets the browser ask for the microphone and play sound.
    phone.turnOn();
    change.mutate({ state: "ready" });
  };
  const soon = useSoon(me);
  const working = me.state !== "break" && me.state !== "signed_out";
  return (
    <Box className={classes.presence}>
      <Menu width="target" position="bottom-start">
        <Menu.Target>
          <UnstyledButton className={classes.switch} aria-label={t("presence.change")}>
            <ColorSwatch
              size={12}
              color={`var(--mantine-color-${STATE_COLOURS[me.state]}-6)`}
              withShadow={false}
            />
            <Box flex={1} miw={0}>
              <Text size="sm" fw={650} lh={1.25} truncate data-testid="agent-state">
                {t(`common:${stateKey(me.state, me.reason)}`)}
                {me.state === "break" && me.reason !== "" && ` · ${label(me.reason)}`}
              </Text>
              <Text size="xs" c="dimmed" lh={1.25} truncate>
                {soon ?? <StateTime me={me} />}
              </Text>
            </Box>
            <IconChevronDown size={16} aria-hidden />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconPlayerPlay size={16} />}
            disabled={working && soon === null}
            onClick={goReady}
          >
            {t("presence.goReady")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>{t("presence.break")}</Menu.Label>
          {reasons.map((reason) => (
            <Menu.Item
              key={reason.code}
              leftSection={<IconCoffee size={16} />}
              disabled={me.state === "signed_out"}
              onClick={() => change.mutate({ state: "break", reason: reason.code })}
            >
              {label(reason.code)}
              {reason.needs_approval && (
                <Text size="xs" c="dimmed">
                  {t("presence.needsApproval")}
                </Text>
              )}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconLogout size={16} />}
            disabled={me.state === "signed_out"}
            onClick={() => change.mutate({ state: "signed_out" })}
          >
            {t("presence.signOut")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {withButton && !working && (
        <Group grow>
          <Button
            leftSection={<IconPlayerPlay size={16} />}
            loading={change.isPending}
            onClick={goReady}
          >
            {t(me.state === "break" ? "presence.backToWork" : "presence.startShift")}
          </Button>
        </Group>
      )}
    </Box>
  );
}

/** What the agent has asked for and does not have yet. */
function useSoon(me: MeRow): string | null {
  const { t } = useTranslation("inbox");
  const label = useCodeLabel("break_reason");
  if (me.break_requested)
    return t("presence.breakRequested", { reason: label(me.break_requested) });
  if (!me.break_pending) return null;
  return t(me.reason === "sign_out" ? "presence.signOutPending" : "presence.breakPending");
}

/** The time in the state; a break over the limit of its reason is marked. */
function StateTime({ me }: { me: MeRow }) {
  const reasons = useCodes("break_reason");
  if (me.state === "signed_out") return null;
  const reason = me.state === "break" && reasons.find((each) => each.code === me.reason);
  const limitS = (reason && reason.limit_s) || Infinity;
  return <Since since={me.since} soonS={limitS} nowS={limitS} />;
}
