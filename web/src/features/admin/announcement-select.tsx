/** What callers hear: one of the announcements that come with omni. */
import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** As `omni.channels.voice.prompts.BUILT_IN`. */
export const ANNOUNCEMENTS = [
  "welcome",
  "busy",
  "closed",
  "unavailable",
  "callback",
  "voicemail",
  "connecting",
] as const;

interface AnnouncementSelectProps {
  label: string;
  value: string | null;
  onChange: (value: string | null) => void;
  size?: string;
}

export function AnnouncementSelect({ label, value, onChange, size }: AnnouncementSelectProps) {
  const { t } = useTranslation("admin");
  return (
    <Select
      label={label}
      placeholder={t("announcement.usual")}
      clearable
      {...(size ? { size } : {})}
      data={ANNOUNCEMENTS.map((id) => ({ value: id, label: t(`announcement.names.${id}`) }))}
      value={value || null}
      onChange={onChange}
    />
  );
}
