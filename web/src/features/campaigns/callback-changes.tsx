/** What changes a promised call: another time, agent or note; giving it up. */
import { Button, Group, Modal, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { useRows } from "@/lib/live";
import { instantOf, localText } from "@/lib/local-time";
import { useCancelCallback, useMoveCallback, type Callback } from "./api/callbacks";

interface ChangeProps {
  callback: Callback | null;
  onClose: () => void;
}

export function MoveCallback({ callback, onClose }: ChangeProps) {
  const { t } = useTranslation("campaigns");
  const name = callback?.name || (callback?.number ?? "");
  return (
    <Modal opened={callback !== null} onClose={onClose} title={t("callbacks.move", { name })}>
      {callback && <MoveForm callback={callback} onClose={onClose} />}
    </Modal>
  );
}

function MoveForm({ callback, onClose }: { callback: Callback; onClose: () => void }) {
  const { t } = useTranslation("campaigns");
  const agents = useRows("floor", "agent");
  const move = useMoveCallback();
  const [before] = useState(() => localText(new Date(callback.at)));
  const [text, setText] = useState(before);
  const [agent, setAgent] = useState(callback.agent_id ?? "");
  const [note, setNote] = useState(callback.note);
  // A time that is over means "now": giving an overdue call to somebody else must be possible.
  const at = text === before && callback.overdue ? "now" : instantOf(text, new Date());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (at === null) return;
    const instant = at === "now" ? new Date().toISOString() : at;
    move.mutate(
      { contactId: callback.contact_id, at: instant, agent_id: agent === "" ? null : agent, note },
      { onSuccess: onClose },
    );
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          type="datetime-local"
          label={t("callbacks.when")}
          error={at === null ? t("callbacks.past") : undefined}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          label={t("callbacks.agent")}
          allowDeselect={false}
          searchable
          data={[
            { value: "", label: t("callbacks.anybody") },
            ...agents.map((row) => ({ value: row.id, label: row.name })),
          ]}
          value={agent}
          onChange={(value) => setAgent(value ?? "")}
        />
        <Textarea
          label={t("callbacks.about")}
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button type="submit" disabled={at === null} loading={move.isPending}>
            {t("callbacks.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function CancelCallback({ callback, onClose }: ChangeProps) {
  const { t } = useTranslation("campaigns");
  const cancel = useCancelCallback();
  const name = callback?.name || (callback?.number ?? "");
  return (
    <Modal opened={callback !== null} onClose={onClose} title={t("callbacks.cancel", { name })}>
      <Stack>
        <Text size="sm">{t("callbacks.cancelNote", { name })}</Text>
        <Group justify="flex-end">
          <Button
            color="red"
            loading={cancel.isPending}
            onClick={() => callback && cancel.mutate(callback.contact_id, { onSuccess: onClose })}
          >
            {t("callbacks.giveUp")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
