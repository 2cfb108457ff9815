/** Automatic answers to mails: a template in each language, and what it would say. */
import { Alert, Paper, Text, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "@/components/data-table";
import { RemoveButton } from "@/components/remove-button";
import { errorText } from "@/lib/errors";
import {
  useAnswerPreview,
  useAnswers,
  useRemoveAnswer,
  useSaveAnswer,
  type Answer,
  type AnswerTexts,
} from "./api/answers";
import { Editing, FILLED, FormFrame } from "./editing";

const LANGUAGES = [
  { key: "en", name: "English" },
  { key: "zh", name: "中文" },
] as const;
const NAMES = ["name", "subject", "mailbox", "opens"].map((one) => `{{ ${one} }}`).join(", ");
/** What a new one begins with; braces as the server's templates have them. */
const BEGINNING: AnswerTexts = {
  en:
    "Dear {{ name or 'customer' }},\n\nthank you for your mail. We are closed at the moment" +
    "{% if opens %} and open again on {{ opens }}{% endif %}. We will answer you then.",
  zh:
    "{{ name or '尊敬的客户' }}，您好！\n\n感谢您的来信。现在是非营业时间" +
    "{% if opens %}，我们将于{{ opens }}恢复营业{% endif %}，届时会尽快回复您。",
};
const PAUSE_MS = 400;

export function AnswersPanel() {
  const { t } = useTranslation("admin");
  const answers = useAnswers();
  const columns = useMemo<Column<Answer>[]>(
    () => [
      { key: "name", title: t("name"), sort: (row) => row.name, cell: (row) => row.name },
      {
        key: "languages",
        title: t("answer.languages"),
        cell: (row) =>
          LANGUAGES.filter(({ key }) => row.texts[key])
            .map(({ name }) => name)
            .join(", "),
      },
      {
        key: "uses",
        title: t("answer.uses"),
        cell: (row) => row.uses.join(", ") || t("answer.unused"),
      },
    ],
    [t],
  );
  return (
    <Editing
      title={t("part.mail-answers")}
      addLabel={t("answer.add")}
      columns={columns}
      rows={answers.data}
      empty={t("answer.empty")}
      rowKey={(row) => row.answer_id}
      size="lg"
      form={(row, close) => <AnswerForm answer={row} onSaved={close} />}
    />
  );
}

interface AnswerFormProps {
  answer: Answer | null;
  onSaved: () => void;
}

function AnswerForm({ answer, onSaved }: AnswerFormProps) {
  const { t } = useTranslation("admin");
  const [name, setName] = useState(answer?.name ?? "");
  const [texts, setTexts] = useState<AnswerTexts>({ ...BEGINNING, ...answer?.texts });
  const [settled] = useDebouncedValue(texts, PAUSE_MS);
  const preview = useAnswerPreview(settled);
  const save = useSaveAnswer(answer?.answer_id ?? null);
  const remove = useRemoveAnswer();
  const empty = LANGUAGES.every(({ key }) => texts[key].trim() === "");
  return (
    <FormFrame
      pending={save.isPending}
      disabled={empty || preview.isError}
      onSubmit={() => save.mutate({ name: name.trim(), texts }, { onSuccess: onSaved })}
    >
      <Text size="sm" c="dimmed">
        {t("answer.note")}
      </Text>
      <TextInput
        label={t("name")}
        {...FILLED}
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {LANGUAGES.map(({ key, name: language }) => (
        <div key={key}>
          <Textarea
            label={t("answer.text", { language })}
            description={t("answer.textNote")}
            autosize
            minRows={3}
            maxRows={12}
            maxLength={10_000}
            value={texts[key]}
            onChange={(event) => setTexts({ ...texts, [key]: event.currentTarget.value })}
          />
          {!preview.isError && preview.data?.[key] && (
            <Paper withBorder p="xs" mt={4}>
              <Text size="xs" c="dimmed">
                {t("answer.preview")}
              </Text>
              <Text size="sm" style={{ whiteSpace: "pre-wrap" }}>
                {preview.data[key]}
              </Text>
            </Paper>
          )}
        </div>
      ))}
      <Text size="xs" c="dimmed">
        {t("answer.names", { names: NAMES })}
      </Text>
      {preview.isError && <Alert color="red">{errorText(preview.error)}</Alert>}
      {answer !== null && (
        <RemoveButton
          label={t("answer.remove")}
          name={answer.name}
          pending={remove.isPending}
          blocked={answer.uses.length > 0 ? t("answer.inUse") : undefined}
          onRemove={() => remove.mutate(answer.answer_id, { onSuccess: onSaved })}
        />
      )}
    </FormFrame>
  );
}
