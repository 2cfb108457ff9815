/** Numbers, percentages and durations in the language of the page. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { clockText, instantText, numberText } from "./format";

const NOTHING = "–";

export interface Texts {
  language: string;
  number: (value: number | null | undefined) => string;
  pct: (value: number | null | undefined) => string;
  /** Seconds as m:ss. */
  clock: (seconds: number | null | undefined) => string;
  instant: (iso: string | null | undefined) => string;
}

function textsIn(language: string): Texts {
  const percent = new Intl.NumberFormat(language, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  return {
    language,
    number: (value) => (value == null ? NOTHING : numberText(value, language)),
    pct: (value) => (value == null ? NOTHING : `${percent.format(value)} %`),
    clock: (seconds) => (seconds == null ? NOTHING : clockText(seconds)),
    instant: (iso) => (iso == null ? NOTHING : instantText(iso, language)),
  };
}

export function useTexts(): Texts {
  const { i18n } = useTranslation();
  return useMemo(() => textsIn(i18n.language), [i18n.language]);
}
