/** The button at the end of a form that takes away what the form shows, after asking. */
import { Button } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Confirm } from "./confirm";

interface RemoveButtonProps {
  label: string;
  /** What it is called: named in the question. */
  name: string;
  pending: boolean;
  /** Why it cannot be taken away now. */
  blocked?: string | undefined;
  onRemove: () => void;
}

export function RemoveButton({ label, name, pending, blocked, onRemove }: RemoveButtonProps) {
  const { t } = useTranslation();
  return (
    <Confirm text={t("confirm.remove", { name })} action={t("action.remove")} onConfirm={onRemove}>
      {(ask) => (
        <Button
          variant="subtle"
          color="red"
          leftSection={<IconTrash size={16} />}
          title={blocked}
          disabled={blocked !== undefined}
          loading={pending}
          onClick={ask}
        >
          {label}
        </Button>
      )}
    </Confirm>
  );
}
