/** The rows of a list in a form: one more, and one less. */
import { ActionIcon, Button, Group } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";

export function without<T>(items: readonly T[], index: number): T[] {
  return items.filter((_, at) => at !== index);
}

interface RowButtonProps {
  label: string;
  disabled?: boolean;
  onClick: () => void;
}

export function RemoveRow({ label, disabled = false, onClick }: RowButtonProps) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
    >
      <IconTrash size={16} />
    </ActionIcon>
  );
}

export function AddRow({ label, disabled = false, onClick }: RowButtonProps) {
  return (
    <Group>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} />}
        disabled={disabled}
        onClick={onClick}
      >
        {label}
      </Button>
    </Group>
  );
}
