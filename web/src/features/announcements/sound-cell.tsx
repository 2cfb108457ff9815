/** One language of an announcement: hear it. */
import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { SoundButton } from "@/components/sound-button";
import { soundUrl, type Announcement, type SpokenLanguage } from "@/lib/announcements";
import { clockText } from "@/lib/format";

interface SoundCellProps {
  announcement: Announcement;
  name: string;
  language: SpokenLanguage;
}

export function SoundCell({ announcement, name, language }: SoundCellProps) {
  const { t } = useTranslation("announcements");
  const sound = announcement.sounds.find((one) => one.language === language);
  if (!sound)
    return (
      <Text size="sm" c="dimmed">
        {t("notSpoken")}
      </Text>
    );
  return (
    <SoundButton
      url={soundUrl(announcement.announcement_id, language, sound.length_s)}
      label={`${name} (${language})`}
      text={sound.length_s > 0 ? clockText(Math.ceil(sound.length_s)) : t("hear")}
    />
  );
}
