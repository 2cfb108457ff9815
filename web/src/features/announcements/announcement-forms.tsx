/** Record a new announcement; change the name and the sounds of one. */
import {
  ActionIcon,
  Alert,
  Button,
  FileButton,
  FileInput,
  Group,
  Select,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { IconUpload, IconX } from "@tabler/icons-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { SPOKEN_LANGUAGES, type Announcement, type SpokenLanguage } from "@/lib/announcements";
import { Confirm } from "@/components/confirm";
import { RemoveButton } from "@/components/remove-button";
import { errorText } from "@/lib/errors";
import {
  useAddAnnouncement,
  useRecord,
  useRemoveAnnouncement,
  useRemoveSound,
  useRename,
} from "./api/announcements";
import { SoundCell } from "./sound-cell";

const KINDS = ".wav,.mp3,.ogg,.oga,.opus,.flac,audio/*";
const NAMES: Record<SpokenLanguage, string> = { en: "English", zh: "中文" };

interface AddAnnouncementProps {
  onDone: () => void;
}

export function AddAnnouncement({ onDone }: AddAnnouncementProps) {
  const { t, i18n } = useTranslation("announcements");
  const [name, setName] = useState("");
  const [language, setLanguage] = useState<SpokenLanguage>(
    i18n.language.startsWith("zh") ? "zh" : "en",
  );
  const [file, setFile] = useState<File | null>(null);
  const add = useAddAnnouncement();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file) add.mutate({ name: name.trim(), language, file }, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label={t("name")}
          description={t("nameNote")}
          required
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={t("language")}
          allowDeselect={false}
          data={SPOKEN_LANGUAGES.map((one) => ({ value: one, label: NAMES[one] }))}
          value={language}
          onChange={(one) => setLanguage((one ?? language) as SpokenLanguage)}
        />
        <FileInput
          label={t("file")}
          description={t("fileNote")}
          placeholder={t("choose")}
          required
          accept={KINDS}
          leftSection={<IconUpload size={16} />}
          value={file}
          onChange={setFile}
        />
        {add.error && <Alert color="red">{errorText(add.error)}</Alert>}
        <Group justify="flex-end">
          <Button type="submit" loading={add.isPending} disabled={!file || name.trim() === ""}>
            {t("common:action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ChangeAnnouncementProps {
  announcement: Announcement;
  onDone: () => void;
}

export function ChangeAnnouncement({ announcement, onDone }: ChangeAnnouncementProps) {
  const { t } = useTranslation("announcements");
  const [name, setName] = useState(announcement.name);
  const rename = useRename(announcement.announcement_id);
  const remove = useRemoveAnnouncement();
  const used = announcement.uses.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate(name.trim(), { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label={t("name")}
          required
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {SPOKEN_LANGUAGES.map((language) => (
          <Sound key={language} announcement={announcement} language={language} />
        ))}
        <Text size="xs" c="dimmed">
          {t("fileNote")}
        </Text>
        <Group justify="space-between">
          <RemoveButton
            label={t("remove")}
            name={announcement.name}
            pending={remove.isPending}
            blocked={used ? t("inUse") : undefined}
            onRemove={() => remove.mutate(announcement.announcement_id, { onSuccess: onDone })}
          />
          <Button type="submit" loading={rename.isPending} disabled={name.trim() === ""}>
            {t("common:action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface SoundProps {
  announcement: Announcement;
  language: SpokenLanguage;
}

function Sound({ announcement, language }: SoundProps) {
  const { t } = useTranslation("announcements");
  const announcementId = announcement.announcement_id;
  const record = useRecord();
  const removeSound = useRemoveSound();
  const spoken = announcement.sounds.some((one) => one.language === language);
  const send = (file: File | null) => {
    if (file) record.mutate({ announcementId, language, file });
  };
  return (
    <Stack gap={4}>
      <Group gap="xs">
        <Text size="sm" fw={500} w={64}>
          {NAMES[language]}
        </Text>
        <SoundCell announcement={announcement} name={announcement.name} language={language} />
        <FileButton accept={KINDS} onChange={send}>
          {(props) => (
            <Button
              {...props}
              size="compact-sm"
              variant="default"
              loading={record.isPending}
              leftSection={<IconUpload size={14} />}
            >
              {t(spoken ? "replace" : "choose")}
            </Button>
          )}
        </FileButton>
        {spoken && (
          <Confirm
            text={t("common:confirm.remove", {
              name: `${announcement.name} · ${NAMES[language]}`,
            })}
            action={t("common:action.remove")}
            onConfirm={() => removeSound.mutate({ announcementId, language })}
          >
            {(ask) => (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t("removeSound", { language: NAMES[language] })}
                loading={removeSound.isPending}
                onClick={ask}
              >
                <IconX size={14} />
              </ActionIcon>
            )}
          </Confirm>
        )}
      </Group>
      {record.error && (
        <Text size="xs" c="red">
          {errorText(record.error)}
        </Text>
      )}
    </Stack>
  );
}
