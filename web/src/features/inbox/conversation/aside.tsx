/** A mail set aside: for an hour, until tomorrow, until a time of the agent's choice; and back. */
import { Button, Menu, Modal, Stack } from "@mantine/core";
import { DateTimePicker } from "@mantine/dates";
import { IconClockPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNowMs } from "@/lib/ticking";
import { useTexts } from "@/lib/use-texts";
import type { WorkRow } from "@/lib/types";
import { useSetAside, useTakeUp } from "../api/work";
import { inHours, isAhead, tomorrowAt } from "./aside-times";

const HOURS = [1, 4] as const;
const MORNING = 9;

export function SetAside({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const [choosing, setChoosing] = useState(false);
  const texts = useTexts();
  const nowMs = useNowMs();
  const before = isAhead(work.reminder_at, nowMs) ? work.reminder_at : null;
  const aside = useSetAside();
  const put = (until: Date) =>
    aside.mutate({ interactionId: work.interaction_id, until: until.toISOString() });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            size="sm"
            variant="default"
            leftSection={<IconClockPause size={18} />}
            loading={aside.isPending}
          >
            {t("aside.put")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {before && (
            <Menu.Item onClick={() => put(new Date(before))}>
              {t("aside.asBefore", { at: texts.instant(before) })}
            </Menu.Item>
          )}
          {HOURS.map((hours) => (
            <Menu.Item key={hours} onClick={() => put(inHours(new Date(), hours))}>
              {t("aside.hours", { count: hours })}
            </Menu.Item>
          ))}
          <Menu.Item onClick={() => put(tomorrowAt(new Date(), MORNING))}>
            {t("aside.tomorrow")}
          </Menu.Item>
          <Menu.Item onClick={() => setChoosing(true)}>{t("aside.choose")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={choosing} onClose={() => setChoosing(false)} title={t("aside.choose")}>
        <ChooseTime
          onChosen={(until) => {
            setChoosing(false);
            put(until);
          }}
        />
      </Modal>
    </>
  );
}

function ChooseTime({ onChosen }: { onChosen: (until: Date) => void }) {
  const { t } = useTranslation("inbox");
  const [until, setUntil] = useState<Date>(() => tomorrowAt(new Date(), MORNING));
  return (
    <Stack>
      <DateTimePicker
        label={t("aside.until")}
        minDate={new Date()}
        value={until}
        onChange={(value) => value && setUntil(new Date(value))}
      />
      <Button onClick={() => onChosen(until)}>{t("aside.put")}</Button>
    </Stack>
  );
}

export function TakeUp({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const takeUp = useTakeUp();
  return (
    <Button
      size="sm"
      leftSection={<IconPlayerPlay size={18} />}
      loading={takeUp.isPending}
      onClick={() => takeUp.mutate(work.interaction_id)}
    >
      {t("aside.takeUp")}
    </Button>
  );
}
