/** A table of rows: sorting by heading, rows that open something, rendered again one by one. */
import { Button, Center, Table, Text, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { memo, useMemo, useState, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./data-table.module.css";

export interface Column<R> {
  key: string;
  title: string;
  cell: (row: R) => ReactNode;
  /** Aligned right, digits of one width. */
  number?: boolean;
  /** What to sort by; without it the heading is no button. */
  sort?: (row: R) => number | string;
  width?: number | string;
}

interface DataTableProps<R> {
  label: string;
  /** Memoise it: rows are rendered again when it changes. */
  columns: readonly Column<R>[];
  rows: readonly R[];
  rowKey: (row: R) => string;
  onOpen?: (row: R) => void;
  selected?: string | null;
  empty?: ReactNode;
  sortBy?: string;
  descending?: boolean;
  minWidth?: number;
}

/** More rows than a person reads; the rest on demand. */
const SHOWN_FIRST = 200;

export function DataTable<R>(props: DataTableProps<R>) {
  const { columns, rows, rowKey, empty, minWidth = 480 } = props;
  const { t } = useTranslation("terms");
  const [order, setOrder] = useState({ by: props.sortBy ?? "", down: props.descending ?? false });
  const [all, setAll] = useState(false);
  const sorted = useMemo(() => inOrder(rows, columns, order), [rows, columns, order]);
  const shown = all ? sorted : sorted.slice(0, SHOWN_FIRST);
  if (rows.length === 0)
    return (
      <Center py="lg" px="md">
        <Text size="sm" c="dimmed" component="div">
          {empty ?? t("table.empty")}
        </Text>
      </Center>
    );
  return (
    <>
      <Table.ScrollContainer minWidth={minWidth} type="native">
        <Table
          className={classes.table ?? ""}
          aria-label={props.label}
          highlightOnHover={props.onOpen !== undefined}
          verticalSpacing={6}
          horizontalSpacing={8}
        >
          <Table.Thead>
            <Table.Tr>
              {columns.map((column) => (
                <Heading key={column.key} column={column} order={order} onOrder={setOrder} />
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((row) => (
              <RowView
                key={rowKey(row)}
                row={row}
                columns={columns as readonly Column<unknown>[]}
                onOpen={props.onOpen as ((row: unknown) => void) | undefined}
                selected={props.selected === rowKey(row)}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {shown.length < sorted.length && (
        <Center py="xs">
          <Button variant="subtle" size="xs" onClick={() => setAll(true)}>
            {t("table.more", { count: sorted.length })}
          </Button>
        </Center>
      )}
    </>
  );
}

interface Order {
  by: string;
  down: boolean;
}

interface HeadingProps<R> {
  column: Column<R>;
  order: Order;
  onOrder: (order: Order) => void;
}

function Heading<R>({ column, order, onOrder }: HeadingProps<R>) {
  const { t } = useTranslation("terms");
  const sorted = order.by === column.key;
  const Arrow = order.down ? IconChevronDown : IconChevronUp;
  const ariaSort = sorted ? (order.down ? "descending" : "ascending") : undefined;
  return (
    <Table.Th
      w={column.width}
      className={`${classes.head} ${column.number ? classes.number : ""}`}
      aria-sort={ariaSort}
    >
      {column.sort ? (
        <UnstyledButton
          className={classes.sort ?? ""}
          mod={{ sorted }}
          aria-label={t("table.sortBy", { title: column.title })}
          onClick={() =>
            onOrder({ by: column.key, down: sorted ? !order.down : column.number === true })
          }
        >
          {column.title}
          {sorted && <Arrow size={12} className={classes.arrow} aria-hidden />}
        </UnstyledButton>
      ) : (
        column.title
      )}
    </Table.Th>
  );
}

interface RowViewProps {
  row: unknown;
  columns: readonly Column<unknown>[];
  onOpen: ((row: unknown) => void) | undefined;
  selected: boolean;
}

const RowView = memo(function RowView({ row, columns, onOpen, selected }: RowViewProps) {
  const opening = onOpen && {
    tabIndex: 0,
    onClick: () => onOpen(row),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Enter" && event.target === event.currentTarget) onOpen(row);
    },
  };
  return (
    <Table.Tr
      className={classes.row ?? ""}
      mod={{ clickable: onOpen !== undefined, selected }}
      {...opening}
    >
      {columns.map((column) => (
        <Table.Td key={column.key} className={column.number ? classes.number : undefined}>
          {column.cell(row)}
        </Table.Td>
      ))}
    </Table.Tr>
  );
});

function inOrder<R>(rows: readonly R[], columns: readonly Column<R>[], order: Order): readonly R[] {
  const value = columns.find((column) => column.key === order.by)?.sort;
  if (!value) return rows;
  const turn = order.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (typeof x === "string" && typeof y === "string") return turn * x.localeCompare(y);
    return turn * (Number(x) - Number(y));
  });
}
