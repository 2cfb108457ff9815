/** The last column of a list whose rows can be taken out. */
import { ActionIcon } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import type { Column } from "@/components/data-table";

export function removeColumn<R>(label: (row: R) => string, onRemove: (row: R) => void): Column<R> {
  return {
    key: "remove",
    title: "",
    number: true,
    cell: (row) => <RemoveIcon label={label(row)} onClick={() => onRemove(row)} />,
  };
}

interface RemoveIconProps {
  label: string;
  onClick: () => void;
}

export function RemoveIcon({ label, onClick }: RemoveIconProps) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick}>
      <IconTrash size={16} />
    </ActionIcon>
  );
}
