/** What happens without an agent: messages to everybody, and machines that answer. */
import { NumberInput, Select, SimpleGrid, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { AnnouncementSelect } from "@/components/announcement-select";
import type { Draft, PartProps } from "./campaign-form";

export function AgentlessFields({ draft, put }: PartProps) {
  const { t } = useTranslation("campaigns");
  return (
    <>
      <AnnouncementSelect
        label={t("message.title")}
        description={t("message.note")}
        placeholder={t("message.choose")}
        error={draft.message === "" ? t("message.none") : undefined}
        value={draft.message}
        onChange={(message) => put({ message: message ?? "" })}
      />
      <NumberInput
        label={t("form.pace")}
        min={1}
        max={200}
        value={draft.calls_per_second}
        onChange={(value) => put({ calls_per_second: Math.max(1, Number(value)) })}
      />
      <NumberInput
        label={t("form.maxLines")}
        min={1}
        max={2000}
        value={draft.max_lines}
        onChange={(value) => put({ max_lines: Math.max(1, Number(value)) })}
      />
      <Switch
        label={t("form.connectKey")}
        description={t("form.connectKeyNote")}
        checked={draft.connect_key}
        onChange={(event) => put({ connect_key: event.currentTarget.checked })}
      />
      <Switch
        label={t("form.forbidKey")}
        description={t("form.forbidKeyNote")}
        checked={draft.forbid_key}
        onChange={(event) => put({ forbid_key: event.currentTarget.checked })}
      />
    </>
  );
}

export function AnswerDetection({ draft, put }: PartProps) {
  const { t } = useTranslation("campaigns");
  if (["manual", "preview"].includes(draft.mode)) return null;
  const byAgents = draft.mode !== "agentless";
  const onMachines = byAgents ? "form.onMachines" : "form.onMachinesAgentless";
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Switch
        label={t("form.detection")}
        description={t(byAgents ? "form.detectionNote" : "form.detectionNoteAgentless")}
        checked={draft.answer_detection}
        onChange={(event) => put({ answer_detection: event.currentTarget.checked })}
      />
      {draft.answer_detection && (
        <Select
          label={t("form.onMachine")}
          allowDeselect={false}
          data={(["hang_up", "message", "connect"] as const).map((what) => ({
            value: what,
            label: t(`${onMachines}.${what}`),
          }))}
          value={draft.on_machine}
          onChange={(value) => value && put({ on_machine: value as Draft["on_machine"] })}
        />
      )}
      {byAgents && draft.answer_detection && draft.on_machine === "message" && (
        <AnnouncementSelect
          label={t("message.machine")}
          value={draft.message}
          onChange={(message) => put({ message: message ?? "" })}
        />
      )}
      {byAgents && (
        <AnnouncementSelect
          label={t("message.drop")}
          description={t("message.dropNote")}
          value={draft.drop_message}
          onChange={(message) => put({ drop_message: message ?? "" })}
        />
      )}
    </SimpleGrid>
  );
}
