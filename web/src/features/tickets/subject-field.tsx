/** The subject, edited in place. */
import { ActionIcon, Group, TextInput, Title } from "@mantine/core";
import { IconCheck, IconPencil, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useChangeTicket } from "./api/tickets";

export function SubjectField({ ticketId, subject }: { ticketId: string; subject: string }) {
  const { t } = useTranslation("tickets");
  const [draft, setDraft] = useState<string | null>(null);
  const change = useChangeTicket(ticketId);
  if (draft === null)
    return (
      <Group gap="xs" wrap="nowrap">
        <Title order={1} size="h3" style={{ overflowWrap: "anywhere" }}>
          {subject || t("noSubject")}
        </Title>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t("editSubject")}
          onClick={() => setDraft(subject)}
        >
          <IconPencil size={18} />
        </ActionIcon>
      </Group>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ subject: draft.trim() }, { onSuccess: () => setDraft(null) });
      }}
    >
      <Group gap="xs" wrap="nowrap">
        <TextInput
          flex={1}
          data-autofocus
          aria-label={t("column.subject")}
          maxLength={200}
          value={draft}
          onChange={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && setDraft(null)}
        />
        <ActionIcon
          type="submit"
          size={36}
          loading={change.isPending}
          aria-label={t("common:action.save")}
        >
          <IconCheck size={18} />
        </ActionIcon>
        <ActionIcon
          size={36}
          variant="default"
          aria-label={t("common:action.cancel")}
          onClick={() => setDraft(null)}
        >
          <IconX size={18} />
        </ActionIcon>
      </Group>
    </form>
  );
}
