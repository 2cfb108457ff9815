/** A page of rows that the server found: the table, its pages, and what to say without rows. */
import { Button, Group, Loader, Pagination } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { DataTable, type Column } from "@/components/data-table";
import { errorText } from "@/lib/errors";

interface FoundTableProps<R> {
  label: string;
  columns: readonly Column<R>[];
  found: {
    data?: { rows: readonly R[]; total: number; page_size: number } | undefined;
    error: Error | null;
    refetch: () => unknown;
  };
  rowKey: (row: R) => string;
  onOpen?: (row: R) => void;
  empty: string;
  minWidth?: number;
  page: number;
  onTurn: (page: number) => void;
}

export function FoundTable<R>({ found, page, onTurn, empty, ...table }: FoundTableProps<R>) {
  const { t } = useTranslation();
  const { data, error } = found;
  const pages = data ? Math.ceil(data.total / data.page_size) : 0;
  const failed = error && (
    <Group gap="sm">
      {errorText(error)}
      <Button size="compact-sm" variant="light" onClick={() => void found.refetch()}>
        {t("action.retry")}
      </Button>
    </Group>
  );
  return (
    <>
      <DataTable
        {...table}
        rows={data?.rows ?? []}
        empty={data ? empty : (failed ?? <Loader size="sm" />)}
      />
      {pages > 1 && (
        <Group justify="center" py="sm">
          <Pagination
            value={page}
            onChange={onTurn}
            total={pages}
            size="sm"
            getControlProps={(control) => ({ "aria-label": t(`list.${control}`) })}
          />
        </Group>
      )}
    </>
  );
}
