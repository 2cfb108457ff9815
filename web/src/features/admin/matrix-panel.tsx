/** The matrix: rows are queues; columns are entry points (priority) and groups (two numbers). */
import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  Group,
  Loader,
  NumberInput,
  Popover,
  ScrollArea,
  Stack,
  Switch,
  Table,
  Text,
  UnstyledButton,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconLifebuoy, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/components/panel";
import {
  useEntryPoints,
  useGroups,
  useMatrix,
  useQueues,
  useSaveMatrix,
  type Load,
  type Matrix,
} from "./api/routing";
import { LoadInput, NEW_LOAD } from "./load-input";
import {
  cellKey,
  draftOf,
  matrixOf,
  unserved,
  withCell,
  type EntryCell,
  type GroupCell,
} from "./matrix-draft";
import classes from "./matrix-panel.module.css";

export function MatrixPanel() {
  const matrix = useMatrix();
  if (!matrix.data) return <Loader />;
  // A newer version begins a new draft.
  return <MatrixEditor key={matrix.data.version} matrix={matrix.data} />;
}

function MatrixEditor({ matrix }: { matrix: Matrix }) {
  const { t } = useTranslation("admin");
  const queues = useQueues().data ?? [];
  const groups = useGroups().data ?? [];
  const entryPoints = useEntryPoints().data ?? [];
  const [draft, setDraft] = useState(() => draftOf(matrix));
  const first = useMemo(() => draftOf(matrix), [matrix]);
  const save = useSaveMatrix();
  const alone = unserved(
    draft,
    queues.map((queue) => queue.queue_id),
  );
  const changed = JSON.stringify(matrixOf(draft)) !== JSON.stringify(matrixOf(first));
  const submit = () =>
    save.mutate(matrixOf(draft), {
      onSuccess: () => notifications.show({ message: t("matrix.saved") }),
    });
  return (
    <Panel
      title={t("part.matrix")}
      actions={
        <Group gap="xs">
          {changed && (
            <Button variant="default" size="xs" onClick={() => setDraft(first)}>
              {t("common:action.cancel")}
            </Button>
          )}
          <Button size="xs" disabled={!changed} loading={save.isPending} onClick={submit}>
            {t("common:action.save")}
          </Button>
        </Group>
      }
    >
      <Text size="sm" c="dimmed" mb="sm">
        {t("matrix.note")}
      </Text>
      {alone.size > 0 && (
        <Alert color="orange" icon={<IconAlertTriangle />} mb="sm">
          {t("matrix.unserved")}
        </Alert>
      )}
      <ScrollArea type="auto">
        <Table className={classes.table ?? ""} withTableBorder withColumnBorders>
          <Table.Thead>
            <Table.Tr>
              <Table.Th rowSpan={2}>{t("matrix.queue")}</Table.Th>
              <Table.Th colSpan={Math.max(entryPoints.length, 1)} ta="center">
                {t("part.entry-points")}
              </Table.Th>
              <Table.Th colSpan={Math.max(groups.length, 1)} ta="center">
                {t("part.groups")}
              </Table.Th>
            </Table.Tr>
            <Table.Tr>
              {entryPoints.map((entry) => (
                <Table.Th key={entry.entry_point_id} ta="center">
                  {entry.name}
                  <Text size="xs" c="dimmed" fw={400}>
                    {t(`common:medium.${entry.medium}`)}
                  </Text>
                </Table.Th>
              ))}
              {groups.map((group) => (
                <Table.Th key={group.group_id} ta="center">
                  {group.name}
                  <Text size="xs" c="dimmed" fw={400}>
                    {t("matrix.numbers")}
                  </Text>
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {queues.map((queue) => (
              <Table.Tr key={queue.queue_id}>
                <Table.Th scope="row">
                  {queue.name}
                  {alone.has(queue.queue_id) && (
                    <Badge ml={8} size="sm" color="orange" variant="light" tt="none">
                      {t("queue.unserved")}
                    </Badge>
                  )}
                </Table.Th>
                {entryPoints.map((entry) => {
                  const key = cellKey(queue.queue_id, entry.entry_point_id);
                  return (
                    <EntryCellView
                      key={key}
                      label={`${queue.name} × ${entry.name}`}
                      cell={draft.entries.get(key) ?? null}
                      onChange={(cell) =>
                        setDraft((d) => ({ ...d, entries: withCell(d.entries, key, cell) }))
                      }
                    />
                  );
                })}
                {groups.map((group) => {
                  const key = cellKey(queue.queue_id, group.group_id);
                  return (
                    <GroupCellView
                      key={key}
                      label={`${queue.name} × ${group.name}`}
                      cell={draft.groups.get(key) ?? null}
                      onChange={(cell) =>
                        setDraft((d) => ({ ...d, groups: withCell(d.groups, key, cell) }))
                      }
                    />
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
    </Panel>
  );
}

interface CellFrameProps {
  label: string;
  shown: string | null;
  /** A second line, and in words what it says. */
  mark?: { text: string; words: string } | null;
  open: boolean;
  onAdd: () => void;
  onRemove: () => void;
  children: React.ReactNode;
}

function CellFrame({ label, shown, mark, open, onAdd, onRemove, children }: CellFrameProps) {
  const { t } = useTranslation("admin");
  const [editing, setEditing] = useState(false);
  const begin = () => {
    if (shown === null) onAdd();
    setEditing(true);
  };
  return (
    <Table.Td p={0} ta="center">
      <Popover opened={editing} onChange={setEditing} withArrow shadow="md" trapFocus>
        <Popover.Target>
          <UnstyledButton
            className={classes.cell ?? ""}
            mod={{ closed: shown !== null && !open, empty: shown === null }}
            aria-label={`${label}: ${shown ?? t("matrix.noLink")}${mark ? `, ${mark.words}` : ""}`}
            onClick={begin}
          >
            <span>{shown ?? <IconPlus size={14} aria-hidden />}</span>
            {mark && (
              <span className={classes.mark ?? ""} title={mark.words}>
                <IconLifebuoy size={13} aria-hidden /> {mark.text}
              </span>
            )}
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown>
          <Stack gap="xs" w={240}>
            <Group justify="space-between" wrap="nowrap">
              <Text size="xs" fw={600}>
                {label}
              </Text>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t("matrix.remove")}
                onClick={() => {
                  setEditing(false);
                  onRemove();
                }}
              >
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
            {children}
          </Stack>
        </Popover.Dropdown>
      </Popover>
    </Table.Td>
  );
}

interface CellViewProps<C> {
  label: string;
  cell: C | null;
  onChange: (cell: C | null) => void;
}

const NEW_ENTRY: EntryCell = { priority: 5, open: true };
const NEW_GROUP: GroupCell = { distribution: 0, selection: 0, open: true, aid: null };

/** The limits of a helping cell in short and in words. */
function useAidMark(aid: Load | null) {
  const { t } = useTranslation("admin");
  if (!aid) return null;
  const short = [];
  const words = [];
  if (aid.over_s !== null) {
    short.push(`> ${aid.over_s} s ↓ ${aid.under_s} s`);
    words.push(t("matrix.aidWait", { over: aid.over_s, under: aid.under_s }));
  }
  if (aid.over_waiting !== null) {
    short.push(`> ${aid.over_waiting} ↓ ${aid.under_waiting}`);
    words.push(t("matrix.aidWaiting", { over: aid.over_waiting, under: aid.under_waiting }));
  }
  return { text: short.join(" · "), words: words.join(" ") };
}

function EntryCellView({ label, cell, onChange }: CellViewProps<EntryCell>) {
  const { t } = useTranslation("admin");
  const shown = cell ?? NEW_ENTRY;
  return (
    <CellFrame
      label={label}
      shown={cell && String(cell.priority)}
      open={shown.open}
      onAdd={() => onChange(NEW_ENTRY)}
      onRemove={() => onChange(null)}
    >
      <Level
        label={t("matrix.priority")}
        value={shown.priority}
        onChange={(priority) => onChange({ ...shown, priority })}
      />
      <Switch
        label={t("open")}
        checked={shown.open}
        onChange={(event) => onChange({ ...shown, open: event.currentTarget.checked })}
      />
    </CellFrame>
  );
}

function GroupCellView({ label, cell, onChange }: CellViewProps<GroupCell>) {
  const { t } = useTranslation("admin");
  const shown = cell ?? NEW_GROUP;
  const mark = useAidMark(shown.aid);
  return (
    <CellFrame
      label={label}
      shown={cell && `${cell.distribution} · ${cell.selection}`}
      mark={mark}
      open={shown.open}
      onAdd={() => onChange(NEW_GROUP)}
      onRemove={() => onChange(null)}
    >
      <Level
        label={t("matrix.distribution")}
        value={shown.distribution}
        onChange={(distribution) => onChange({ ...shown, distribution })}
      />
      <Level
        label={t("matrix.selection")}
        value={shown.selection}
        onChange={(selection) => onChange({ ...shown, selection })}
      />
      <Switch
        label={t("matrix.aid")}
        checked={shown.aid !== null}
        onChange={(event) =>
          onChange({ ...shown, aid: event.currentTarget.checked ? NEW_LOAD : null })
        }
      />
      {shown.aid && (
        <LoadInput
          label={t("matrix.aidWhen")}
          value={shown.aid}
          onChange={(aid) => onChange({ ...shown, aid })}
        />
      )}
      <Switch
        label={t("open")}
        checked={shown.open}
        onChange={(event) => onChange({ ...shown, open: event.currentTarget.checked })}
      />
    </CellFrame>
  );
}

interface LevelProps {
  label: string;
  value: number;
  onChange: (value: number) => void;
}

function Level({ label, value, onChange }: LevelProps) {
  return (
    <NumberInput
      size="xs"
      label={label}
      min={0}
      max={9}
      clampBehavior="strict"
      allowDecimal={false}
      value={value}
      onChange={(typed) => onChange(Number(typed))}
    />
  );
}
