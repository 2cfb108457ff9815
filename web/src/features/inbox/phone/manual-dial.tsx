/** Dial a number by hand for a campaign; says which rule is in the way when one is. */
import { ActionIcon, Alert, Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDialpad, IconPhone } from "@tabler/icons-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/lib/api";
import { errorText } from "@/lib/errors";
import { useDial, useDialChoices } from "../api/dial";

export function ManualDial() {
  const { t } = useTranslation("inbox");
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <ActionIcon variant="subtle" color="gray" aria-label={t("dial.title")} onClick={open}>
        <IconDialpad size={20} />
      </ActionIcon>
      <Modal opened={opened} onClose={close} title={t("dial.title")}>
        <DialForm onDialled={close} />
      </Modal>
    </>
  );
}

function DialForm({ onDialled }: { onDialled: () => void }) {
  const { t } = useTranslation("inbox");
  const choices = useDialChoices(true);
  const dial = useDial();
  const [number, setNumber] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const campaignId = chosen ?? choices.data?.[0]?.campaign_id ?? null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (campaignId) dial.mutate({ campaignId, number: number.trim() }, { onSuccess: onDialled });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          data-autofocus
          type="tel"
          label={t("dial.number")}
          value={number}
          onChange={(event) => setNumber(event.currentTarget.value)}
        />
        <Select
          label={t("dial.campaign")}
          description={choices.data?.length === 0 ? t("dial.none") : t("dial.campaignNote")}
          allowDeselect={false}
          data={(choices.data ?? []).map((one) => ({ value: one.campaign_id, label: one.name }))}
          value={campaignId}
          onChange={setChosen}
        />
        {dial.error && <Alert color="red">{refusal(dial.error, t)}</Alert>}
        <Group justify="flex-end">
          <Button
            type="submit"
            leftSection={<IconPhone size={18} />}
            loading={dial.isPending}
            disabled={campaignId === null || number.trim().length < 3}
          >
            {t("dial.dial")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function refusal(error: Error, t: (key: string) => string): string {
  const stopped = error instanceof ApiError && error.code === "dial.stopped";
  const gate = stopped ? error.data["gate"] : undefined;
  return typeof gate === "string"
    ? `${errorText(error)} ${t(`terms:gate.${gate}`)}`
    : errorText(error);
}
