/** Mappings of lists' columns that are kept by name: take one that fits, keep this one. */
import { ActionIcon, Button, Group, Select, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useForgetMapping, useSaveMapping, type ImportNew, type SavedMapping } from "./api/lists";

interface SavedMappingsProps {
  fitting: SavedMapping[];
  taken: string | null;
  onTake: (saved: SavedMapping | null) => void;
}

export function SavedMappings({ fitting, taken, onTake }: SavedMappingsProps) {
  const { t } = useTranslation("campaigns");
  const [gone, setGone] = useState<string[]>([]);
  const forget = useForgetMapping();
  const shown = fitting.filter((each) => !gone.includes(each.mapping_id));
  const current = shown.find((each) => each.mapping_id === taken);
  if (shown.length === 0) return null;
  return (
    <Group align="flex-end" gap="xs">
      <Select
        w={280}
        label={t("import.saved")}
        clearable
        placeholder={t("import.savedNone")}
        data={shown.map((each) => ({ value: each.mapping_id, label: each.name }))}
        value={current?.mapping_id ?? null}
        onChange={(chosen) => onTake(shown.find((each) => each.mapping_id === chosen) ?? null)}
      />
      {current && (
        <ActionIcon
          mb={4}
          variant="subtle"
          color="gray"
          aria-label={t("import.forget", { name: current.name })}
          loading={forget.isPending}
          onClick={() =>
            forget.mutate(current.mapping_id, {
              onSuccess: () => {
                setGone([...gone, current.mapping_id]);
                onTake(null);
              },
            })
          }
        >
          <IconTrash size={16} />
        </ActionIcon>
      )}
    </Group>
  );
}

interface SaveMappingProps {
  name: string;
  mapping: ImportNew["mapping"] | null;
  region: string;
  mode: NonNullable<ImportNew["mode"]>;
}

export function SaveMapping({ name: before, mapping, region, mode }: SaveMappingProps) {
  const { t } = useTranslation("campaigns");
  const [name, setName] = useState(before);
  const save = useSaveMapping();
  return (
    <Group align="flex-end" gap="xs">
      <TextInput
        w={280}
        maxLength={100}
        label={t("import.saveAs")}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button
        variant="default"
        disabled={name.trim() === "" || mapping === null}
        loading={save.isPending}
        onClick={() =>
          mapping &&
          save.mutate(
            { name: name.trim(), mapping, default_region: region, mode },
            {
              onSuccess: (saved) =>
                notifications.show({ message: t("import.savedDone", { name: saved.name }) }),
            },
          )
        }
      >
        {t("import.save")}
      </Button>
    </Group>
  );
}
