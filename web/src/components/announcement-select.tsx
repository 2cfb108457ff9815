/** Choose what callers hear: a recorded announcement, or one that comes with omni. */
import { MultiSelect, Select } from "@mantine/core";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useAnnouncements, type Announcement } from "@/lib/announcements";

/** The name of an announcement in the language of the page. */
export function useAnnouncementName() {
  const { t } = useTranslation();
  return useCallback(
    ({ announcement_id, name, own }: Announcement) =>
      own ? name : t(`announcement.names.${announcement_id}`),
    [t],
  );
}

function useChoices() {
  const { t } = useTranslation();
  const nameOf = useAnnouncementName();
  const known = useAnnouncements().data ?? [];
  const items = (own: boolean) =>
    known
      .filter((one) => one.own === own && one.sounds.length > 0)
      .map((one) => ({ value: one.announcement_id, label: nameOf(one) }));
  return [
    { group: t("announcement.recorded"), items: items(true) },
    { group: t("announcement.builtIn"), items: items(false) },
  ].filter((group) => group.items.length > 0);
}

interface AnnouncementSelectProps {
  label: string;
  value: string | null;
  onChange: (value: string | null) => void;
  /** What is heard when none is chosen. */
  placeholder?: string;
  description?: string;
  error?: string | undefined;
  size?: string;
}

export function AnnouncementSelect({ value, placeholder, ...props }: AnnouncementSelectProps) {
  const { t } = useTranslation();
  return (
    <Select
      {...props}
      placeholder={placeholder ?? t("announcement.usual")}
      clearable
      searchable
      data={useChoices()}
      value={value || null}
    />
  );
}

interface AnnouncementsSelectProps {
  label: string;
  value: string[];
  onChange: (value: string[]) => void;
}

export function AnnouncementsSelect(props: AnnouncementsSelectProps) {
  const { t } = useTranslation();
  const placeholder = props.value.length === 0 ? t("announcement.nothing") : undefined;
  return <MultiSelect {...props} placeholder={placeholder} searchable data={useChoices()} />;
}
