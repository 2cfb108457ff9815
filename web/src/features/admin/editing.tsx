/** A list of things with a form for one of them: the frame that the panels share. */
import { Button, Group, Loader, Modal, Stack } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { DataTable, type Column } from "@/components/data-table";
import { Panel } from "@/components/panel";

interface EditingProps<R> {
  title: string;
  addLabel: string;
  columns: readonly Column<R>[];
  rows: readonly R[] | undefined;
  rowKey: (row: R) => string;
  /** `row` null: a new one. `close` when it was saved. */
  form: (row: R | null, close: () => void) => ReactNode;
  size?: string;
  /** What to say while there is none. */
  empty?: string;
}

export function Editing<R>({
  title,
  addLabel,
  columns,
  rows,
  rowKey,
  form,
  size = "md",
  empty,
}: EditingProps<R>) {
  const [opened, setOpened] = useState<{ row: R | null } | null>(null);
  const [open] = useState(() => (row: R) => setOpened({ row }));
  const close = () => setOpened(null);
  return (
    <Panel
      flush
      title={title}
      actions={
        <Button
          size="xs"
          leftSection={<IconPlus size={14} />}
          onClick={() => setOpened({ row: null })}
        >
          {addLabel}
        </Button>
      }
    >
      <DataTable
        label={title}
        columns={columns}
        rows={rows ?? []}
        rowKey={rowKey}
        onOpen={open}
        empty={rows === undefined ? <Loader size="sm" /> : empty}
      />
      <Modal
        opened={opened !== null}
        onClose={close}
        closeOnClickOutside={false}
        title={opened?.row ? title : addLabel}
        size={size}
      >
        {opened && form(opened.row, close)}
      </Modal>
    </Panel>
  );
}

/** A text that may not be empty: the browser says so at the field, in the person's language. */
export const FILLED = { required: true, pattern: ".*\\S.*" } as const;

interface FormFrameProps {
  children: ReactNode;
  pending: boolean;
  /** For faults that the form shows; what is missing the browser shows by itself. */
  disabled?: boolean;
  onSubmit: () => void;
}

export function FormFrame({ children, pending, disabled = false, onSubmit }: FormFrameProps) {
  const { t } = useTranslation();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {children}
        <Group justify="flex-end">
          <Button type="submit" loading={pending} disabled={disabled}>
            {t("action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
