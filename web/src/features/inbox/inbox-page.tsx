/** The agent's inbox: work at the left, the conversation in the middle, the customer at the right. */
import { Box, Button, Center, Group, Loader, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCoffee, IconInbox, IconPlayerPlay } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { useRows, useTopic } from "@/lib/live";
import type { MeRow, WorkRow } from "@/lib/types";
import { AlertMenu } from "./alerts/alert-menu";
import { useChangeState } from "./api/change-state";
import { Conversation } from "./conversation/conversation";
import { CustomerPanel } from "./customer/customer-panel";
import { useDesk, useMeRow, type Desk } from "./desk";
import classes from "./inbox.module.css";
import { ShortcutHelp } from "./keyboard/shortcut-help";
import { ManualDial } from "./phone/manual-dial";
import { PhoneBar } from "./phone/phone-bar";
import { phone } from "./phone/phone";
import { PresenceSwitch } from "./presence/presence-switch";
import { chooseShown } from "./selection";
import { useInboxShortcuts } from "./use-inbox-shortcuts";
import { WorkList } from "./work-list/work-list";

export function InboxPage() {
  const { t } = useTranslation("inbox");
  const { loaded, stale } = useTopic("desk");
  const me = useMeRow();
  const desk = useDesk();
  const shown = useShown(desk);
  const [help, { open: openHelp, close: closeHelp }] = useDisclosure(false);
  useInboxShortcuts(desk, shown, openHelp);

  if (!loaded)
    return (
      <Center h="100%">
        <Loader aria-label={t("loading")} />
      </Center>
    );
  return (
    <Box className={classes.inbox} data-stale={stale || undefined}>
      <Box component="aside" className={classes.left} aria-label={t("list.title")}>
        <Group justify="space-between" px={14} pt={12} wrap="nowrap">
          <Title order={1} size="h4">
            {t("nav")}
          </Title>
          <Group gap={4} wrap="nowrap">
            <ManualDial />
            <AlertMenu onHelp={openHelp} />
          </Group>
        </Group>
        {me && <PresenceSwitch me={me} withButton={shown !== null} />}
        <WorkList desk={desk} />
        <PhoneBar />
      </Box>
      <Box className={classes.centre}>
        {shown ? (
          <Conversation key={shown.interaction_id} work={shown} />
        ) : (
          <Idle me={me} desk={desk} />
        )}
      </Box>
      {shown && (
        <Box component="aside" className={classes.right} aria-label={t("customer.title")}>
          <CustomerPanel work={shown} />
        </Box>
      )}
      <ShortcutHelp opened={help} onClose={closeHelp} />
    </Box>
  );
}

/** Return the row to show; a call that begins takes the screen, whatever was shown before. */
function useShown(desk: Desk): WorkRow | null {
  const { interactionId } = useParams();
  const rows = useRows("desk", "work");
  const navigate = useNavigate();
  const call = desk.active.find((work) => work.medium === "voice")?.interaction_id ?? null;
  const lastCall = useRef<string | null | undefined>(undefined);
  const chosen = chooseShown(desk, interactionId);

  useEffect(() => {
    const began = call !== null && lastCall.current === null;
    lastCall.current = call;
    const next = began ? call : chosen;
    if ((next ?? undefined) !== interactionId)
      void navigate(next ? `/inbox/${next}` : "/inbox", { replace: true });
  }, [call, chosen, interactionId, navigate]);

  return rows.find((work) => work.interaction_id === chosen) ?? null;
}

function Idle({ me, desk }: { me: MeRow | undefined; desk: Desk }) {
  const { t } = useTranslation("inbox");
  const change = useChangeState();
  const state = me?.state ?? "signed_out";
  const away = state === "break" || state === "signed_out";
  const scene = desk.offers.length > 0 ? "offered" : away ? state : "ready";
  const Icon = state === "break" ? IconCoffee : IconInbox;
  return (
    <Center h="100%" p="xl">
      <Stack align="center" gap="xs" maw={380}>
        <Icon size={44} stroke={1.2} color="var(--mantine-color-dimmed)" aria-hidden />
        <Title order={2} size="h3" ta="center">
          {t(`idle.${scene}.title`)}
        </Title>
        <Text c="dimmed" ta="center">
          {t(`idle.${scene}.text`)}
        </Text>
        {away && scene !== "offered" && (
          <Button
            mt="sm"
            size="md"
            leftSection={<IconPlayerPlay size={18} />}
            loading={change.isPending}
            onClick={() => {
              phone.turnOn();
              change.mutate({ state: "ready" });
            }}
          >
            {t(state === "break" ? "presence.backToWork" : "presence.startShift")}
          </Button>
        )}
      </Stack>
    </Center>
  );
}
