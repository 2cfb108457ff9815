/** Switches for sounds and notifications of the browser, and the list of shortcuts. */
import { ActionIcon, Menu } from "@mantine/core";
import { IconBell, IconBellOff, IconCheck, IconKeyboard } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { play, soundsOn, turnSounds } from "./sounds";
import { notificationsAllowed } from "./use-alerts";

export function AlertMenu({ onHelp }: { onHelp: () => void }) {
  const { t } = useTranslation("inbox");
  const [sounds, setSounds] = useState(soundsOn);
  const [notices, setNotices] = useState(notificationsAllowed);
  const flipSounds = () => {
    turnSounds(!sounds);
    setSounds(!sounds);
    if (!sounds) play("message");
  };
  const askForNotices = async () => {
    if (typeof Notification === "undefined") return;
    setNotices((await Notification.requestPermission()) === "granted");
  };
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("alert.settings")}>
          {sounds ? <IconBell size={19} stroke={1.7} /> : <IconBellOff size={19} stroke={1.7} />}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          closeMenuOnClick={false}
          rightSection={sounds ? <IconCheck size={16} /> : null}
          onClick={flipSounds}
        >
          {t("alert.sounds")}
        </Menu.Item>
        <Menu.Item
          closeMenuOnClick={false}
          disabled={notices}
          rightSection={notices ? <IconCheck size={16} /> : null}
          onClick={() => void askForNotices()}
        >
          {t("alert.notices")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={onHelp}>
          {t("keyboard.title")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
