/** What changes the do-not-call list: a number, a file of numbers, taking one off. */
import { Button, FileInput, Group, Modal, Select, SimpleGrid, Stack, Text } from "@mantine/core";
import { TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import {
  useAddDoNotCall,
  useRemoveDoNotCall,
  useUploadDoNotCall,
  type DoNotCall,
} from "./api/do-not-call";
import { useCampaignChoices } from "./campaign-choice";
import { useRegionChoices } from "./regions";

interface ChangeProps {
  opened: boolean;
  onClose: () => void;
}

interface Where {
  campaign_id: string;
  reason: string;
  default_region: string;
}

const EVERYWHERE: Where = { campaign_id: "", reason: "", default_region: "US" };

/** For which campaign, why, and of which country the numbers are. */
function WhereFields({ where, put }: { where: Where; put: (change: Partial<Where>) => void }) {
  const { t } = useTranslation("campaigns");
  const choices = useCampaignChoices();
  const regions = useRegionChoices();
  return (
    <>
      <SimpleGrid cols={2}>
        <Select
          label={t("doNotCall.scope")}
          allowDeselect={false}
          searchable
          data={[{ value: "", label: t("doNotCall.everywhere") }, ...choices]}
          value={where.campaign_id}
          onChange={(value) => put({ campaign_id: value ?? "" })}
        />
        <Select
          label={t("doNotCall.region")}
          allowDeselect={false}
          searchable
          data={regions}
          value={where.default_region}
          onChange={(value) => put({ default_region: value ?? where.default_region })}
        />
      </SimpleGrid>
      <TextInput
        label={t("doNotCall.reason")}
        maxLength={200}
        value={where.reason}
        onChange={(event) => put({ reason: event.currentTarget.value })}
      />
    </>
  );
}

interface FormProps {
  onSubmit: () => void;
  send: string;
  ready: boolean;
  busy: boolean;
  children: ReactNode;
}

function Form({ onSubmit, send, ready, busy, children }: FormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onSubmit();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {children}
        <Group justify="flex-end">
          <Button type="submit" disabled={!ready} loading={busy}>
            {send}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function AddDoNotCall({ opened, onClose }: ChangeProps) {
  const { t } = useTranslation("campaigns");
  return (
    <Modal opened={opened} onClose={onClose} title={t("doNotCall.addTitle")}>
      <AddForm onClose={onClose} />
    </Modal>
  );
}

function AddForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("campaigns");
  const add = useAddDoNotCall();
  const [number, setNumber] = useState("");
  const [where, setWhere] = useState(EVERYWHERE);
  return (
    <Form
      send={t("doNotCall.add")}
      ready={number.trim().length >= 3}
      busy={add.isPending}
      onSubmit={() => add.mutate({ ...where, number: number.trim() }, { onSuccess: onClose })}
    >
      <TextInput
        data-autofocus
        label={t("doNotCall.number")}
        placeholder="+4930123456"
        value={number}
        onChange={(event) => setNumber(event.currentTarget.value)}
      />
      <WhereFields where={where} put={(change) => setWhere({ ...where, ...change })} />
    </Form>
  );
}

export function UploadDoNotCall({ opened, onClose }: ChangeProps) {
  const { t } = useTranslation("campaigns");
  return (
    <Modal opened={opened} onClose={onClose} title={t("doNotCall.uploadTitle")}>
      <UploadForm onClose={onClose} />
    </Modal>
  );
}

function UploadForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("campaigns");
  const send = useUploadDoNotCall();
  const [file, setFile] = useState<File | null>(null);
  const [where, setWhere] = useState(EVERYWHERE);
  const submit = () => {
    if (file === null) return;
    send.mutate(
      { ...where, file },
      {
        onSuccess: (result) => {
          notifications.show({ message: t("doNotCall.uploaded", { ...result }) });
          onClose();
        },
      },
    );
  };
  return (
    <Form send={t("doNotCall.send")} ready={file !== null} busy={send.isPending} onSubmit={submit}>
      <FileInput
        label={t("doNotCall.choose")}
        description={t("doNotCall.uploadNote")}
        accept=".csv,.txt,text/csv"
        value={file}
        onChange={setFile}
      />
      <WhereFields where={where} put={(change) => setWhere({ ...where, ...change })} />
    </Form>
  );
}

interface RemoveProps {
  entry: DoNotCall | null;
  onClose: () => void;
}

export function RemoveDoNotCall({ entry, onClose }: RemoveProps) {
  const { t } = useTranslation("campaigns");
  return (
    <Modal
      opened={entry !== null}
      onClose={onClose}
      title={t("doNotCall.remove", { number: entry?.number ?? "" })}
    >
      {entry && <RemoveForm entry={entry} onClose={onClose} />}
    </Modal>
  );
}

function RemoveForm({ entry, onClose }: { entry: DoNotCall; onClose: () => void }) {
  const { t } = useTranslation("campaigns");
  const remove = useRemoveDoNotCall();
  const [reason, setReason] = useState("");
  return (
    <Form
      send={t("doNotCall.takeOff")}
      ready={reason.trim() !== ""}
      busy={remove.isPending}
      onSubmit={() =>
        remove.mutate({ entryId: entry.entry_id, reason: reason.trim() }, { onSuccess: onClose })
      }
    >
      <Text size="sm">{t("doNotCall.removeNote", { number: entry.number })}</Text>
      <TextInput
        data-autofocus
        label={t("doNotCall.reason")}
        maxLength={200}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </Form>
  );
}
