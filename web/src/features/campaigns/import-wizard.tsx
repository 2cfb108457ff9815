/** Take a list in: choose the file, say which column is what, watch it come in. */
import {
  Alert,
  Button,
  FileButton,
  Group,
  Paper,
  ScrollArea,
  Select,
  SimpleGrid,
  Stack,
  Stepper,
  Table,
  Text,
} from "@mantine/core";
import { IconAlertTriangle, IconFileTypeCsv, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { errorText } from "@/lib/errors";
import { sizeText } from "@/lib/format";
import { useRow } from "@/lib/live";
import type { CampaignRow } from "./api/campaigns";
import {
  useImport,
  useImports,
  usePreview,
  type ImportNew,
  type Preview,
  type SavedMapping,
} from "./api/lists";
import { ImportProgress } from "./import-progress";
import { NumberColumns, type NumberColumn } from "./number-columns";
import { useRegionChoices } from "./regions";
import { RejectedRows } from "./rejected-rows";
import { SavedMappings, SaveMapping } from "./saved-mappings";

const FIELDS = ["name", "external_id", "time_zone", "consent_at", "consent_source"] as const;
type Field = (typeof FIELDS)[number];
const MODES = ["append", "merge", "replace"] as const;
type Mode = (typeof MODES)[number];
type Chosen = Record<Field, string | null> & { numbers: NumberColumn[] };

export function suggested(preview: Preview): Chosen {
  const from = preview.suggested_mapping;
  return {
    numbers: preview.suggested_numbers,
    name: from["name"] ?? null,
    external_id: from["external_id"] ?? null,
    time_zone: from["time_zone"] ?? null,
    consent_at: from["consent_at"] ?? null,
    consent_source: from["consent_source"] ?? null,
  };
}

/** Return what a kept mapping chooses. */
export function chosenBy(saved: SavedMapping): Chosen {
  const { mapping } = saved;
  return {
    numbers: [
      { column: mapping.number, kind: mapping.number_kind },
      ...(mapping.other_numbers ?? []),
    ],
    name: mapping.name ?? null,
    external_id: mapping.external_id ?? null,
    time_zone: mapping.time_zone ?? null,
    consent_at: mapping.consent_at ?? null,
    consent_source: mapping.consent_source ?? null,
  };
}

/** Return the mapping to send: columns without a field are kept as extra fields of the contact. */
export function mappingOf(preview: Preview, chosen: Chosen): ImportNew["mapping"] | null {
  const [first, ...more] = chosen.numbers.filter((each) => each.column !== "");
  if (!first) return null;
  const used = new Set(FIELDS.map((field) => chosen[field]));
  for (const each of chosen.numbers) used.add(each.column);
  const others = preview.columns.map((column) => column.name).filter((name) => !used.has(name));
  return {
    number: first.column,
    number_kind: first.kind,
    other_numbers: more,
    name: chosen.name,
    external_id: chosen.external_id,
    time_zone: chosen.time_zone,
    consent_at: chosen.consent_at,
    consent_source: chosen.consent_source,
    extra: Object.fromEntries(others.map((name) => [name, name])),
  };
}

interface ImportWizardProps {
  campaignId: string;
  region: string;
  onClose: () => void;
}

export function ImportWizard({ campaignId, region, onClose }: ImportWizardProps) {
  const { t } = useTranslation("campaigns");
  const [step, setStep] = useState(0);
  const preview = usePreview(campaignId);
  const row = useRow("floor", "campaign", campaignId);
  return (
    <Stepper active={step} size="sm" allowNextStepsSelect={false}>
      <Stepper.Step label={t("import.file")}>
        <ChooseFile
          pending={preview.isPending}
          error={preview.error}
          onFile={(file) => preview.mutate(file, { onSuccess: () => setStep(1) })}
        />
      </Stepper.Step>
      <Stepper.Step label={t("import.columns")}>
        {preview.data && (
          <MapColumns
            key={preview.data.upload_id}
            campaignId={campaignId}
            preview={preview.data}
            region={region}
            onBack={() => setStep(0)}
            onStarted={() => setStep(2)}
          />
        )}
      </Stepper.Step>
      <Stepper.Step label={t("import.progress")}>
        <Stack mt="md">
          {row && <ImportProgress row={row} />}
          {row && <WhatBecame campaignId={campaignId} row={row} />}
          <Group justify="flex-end">
            <Button onClick={onClose}>{t("common:action.close")}</Button>
          </Group>
        </Stack>
      </Stepper.Step>
    </Stepper>
  );
}

/** While it runs: that it goes on without this window. Then: where the rejected rows are. */
function WhatBecame({ campaignId, row }: { campaignId: string; row: CampaignRow }) {
  const { t } = useTranslation("campaigns");
  const imports = useImports(campaignId, row.import_state);
  const [newest] = imports.data ?? [];
  if (row.import_state === "running" || !newest)
    return (
      <Text size="sm" c="dimmed">
        {t("import.background")}
      </Text>
    );
  if (newest.rejected + newest.incomplete === 0) return null;
  return (
    <Text size="sm">
      {t("import.rejected")}: <RejectedRows item={newest} />
    </Text>
  );
}

interface ChooseFileProps {
  pending: boolean;
  error: Error | null;
  onFile: (file: File) => void;
}

function ChooseFile({ pending, error, onFile }: ChooseFileProps) {
  const { t } = useTranslation("campaigns");
  const [over, setOver] = useState(false);
  return (
    <Stack mt="md">
      <Paper
        withBorder
        p="xl"
        radius="md"
        style={{ borderStyle: "dashed", borderWidth: 2 }}
        bg={over ? "var(--mantine-primary-color-light)" : undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          const file = event.dataTransfer.files[0];
          if (file && !pending) onFile(file);
        }}
      >
        <Stack align="center" gap="xs">
          <IconFileTypeCsv size={40} stroke={1.4} aria-hidden />
          <Text>{t("import.drop")}</Text>
          <FileButton accept=".csv,.txt,.tsv,text/csv" onChange={(file) => file && onFile(file)}>
            {(props) => (
              <Button {...props} loading={pending} leftSection={<IconUpload size={16} />}>
                {t("import.choose")}
              </Button>
            )}
          </FileButton>
          <Text size="xs" c="dimmed" ta="center">
            {t("import.fileNote")}
          </Text>
        </Stack>
      </Paper>
      {error && (
        <Alert color="red" icon={<IconAlertTriangle />}>
          {errorText(error)}
        </Alert>
      )}
    </Stack>
  );
}

interface MapColumnsProps {
  campaignId: string;
  preview: Preview;
  region: string;
  onBack: () => void;
  onStarted: () => void;
}

function MapColumns({ campaignId, preview, region, onBack, onStarted }: MapColumnsProps) {
  const { t, i18n } = useTranslation("campaigns");
  const regions = useRegionChoices();
  const [first = null] = preview.fitting;
  const [taken, setTaken] = useState(first);
  const [chosen, setChosen] = useState(() => (first ? chosenBy(first) : suggested(preview)));
  const [country, setCountry] = useState(first?.default_region ?? region);
  const [mode, setMode] = useState<Mode>(first?.mode ?? "append");
  const take = (saved: SavedMapping | null) => {
    setTaken(saved);
    setChosen(saved ? chosenBy(saved) : suggested(preview));
    if (saved) {
      setCountry(saved.default_region ?? country);
      setMode(saved.mode ?? "append");
    }
  };
  const begin = useImport(campaignId);
  const mapping = mappingOf(preview, chosen);
  const columns = preview.columns.map((column) => column.name);
  return (
    <Stack mt="md">
      <Text size="sm" c="dimmed">
        {t("import.found", {
          name: preview.file_name,
          size: sizeText(preview.size_bytes, i18n.language),
          encoding: preview.encoding,
          columns: preview.columns.length,
        })}
        {!preview.has_header && <> {t("import.noHeader")}</>}
      </Text>
      <SavedMappings fitting={preview.fitting} taken={taken?.mapping_id ?? null} onTake={take} />
      <NumberColumns
        columns={columns}
        value={chosen.numbers}
        onChange={(numbers) => setChosen((before) => ({ ...before, numbers }))}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {FIELDS.map((field) => (
          <Select
            key={field}
            label={t(`import.field.${field}`)}
            clearable
            placeholder={t("import.unused")}
            data={columns}
            value={chosen[field]}
            onChange={(value) => setChosen((before) => ({ ...before, [field]: value }))}
          />
        ))}
        <Select
          label={t("form.region")}
          description={t("import.regionNote")}
          allowDeselect={false}
          searchable
          data={regions}
          value={country}
          onChange={(value) => setCountry(value ?? country)}
        />
        <Select
          label={t("import.mode")}
          description={mode === "replace" ? t("import.replaceNote") : undefined}
          allowDeselect={false}
          data={MODES.map((each) => ({ value: each, label: t(`import.modes.${each}`) }))}
          value={mode}
          onChange={(value) => value && setMode(value as Mode)}
        />
      </SimpleGrid>
      <Sample preview={preview} chosen={chosen} />
      <SaveMapping
        key={taken?.mapping_id ?? ""}
        name={taken?.name ?? ""}
        mapping={mapping}
        region={country}
        mode={mode}
      />
      <Group justify="space-between">
        <Button variant="default" onClick={onBack}>
          {t("import.other")}
        </Button>
        <Button
          disabled={mapping === null}
          loading={begin.isPending}
          onClick={() =>
            mapping &&
            begin.mutate(
              { upload_id: preview.upload_id, mapping, default_region: country, mode },
              { onSuccess: onStarted },
            )
          }
        >
          {t("import.begin")}
        </Button>
      </Group>
    </Stack>
  );
}

function Sample({ preview, chosen }: { preview: Preview; chosen: Chosen }) {
  const { t } = useTranslation("campaigns");
  const nameOf = (column: string) => {
    const number = chosen.numbers.find((each) => each.column === column);
    if (number) return `${t("import.field.number")} · ${t(`terms:numberKind.${number.kind}`)}`;
    const field = FIELDS.find((each) => chosen[each] === column);
    return field ? t(`import.field.${field}`) : undefined;
  };
  return (
    <ScrollArea type="auto" mah={260}>
      <Table withTableBorder withColumnBorders fz="xs" aria-label={t("import.sample")}>
        <Table.Thead>
          <Table.Tr>
            {preview.columns.map((column) => {
              const name = nameOf(column.name);
              return (
                <Table.Th key={column.index}>
                  {column.name}
                  <Text size="xs" c={name ? "brand" : "dimmed"} fw={name ? 600 : 400}>
                    {name ?? t("import.extra")}
                  </Text>
                </Table.Th>
              );
            })}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {preview.sample_rows.slice(0, 8).map((cells, line) => (
            // The rows of a file have no other name than their line.
            <Table.Tr key={line}>
              {preview.columns.map((column) => (
                <Table.Td key={column.index} maw={220}>
                  <Text size="xs" truncate>
                    {cells[column.index] ?? ""}
                  </Text>
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}
