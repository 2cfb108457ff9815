/** The countries to choose from, by name. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

/** Countries whose national numbers a list may hold (ISO 3166; the number parser's names). */
const REGIONS = [
  "AT",
  "AU",
  "BE",
  "BR",
  "CA",
  "CH",
  "CN",
  "CZ",
  "DE",
  "DK",
  "ES",
  "FI",
  "FR",
  "GB",
  "HK",
  "HU",
  "IE",
  "IN",
  "IT",
  "JP",
  "KR",
  "MX",
  "MY",
  "NL",
  "NO",
  "NZ",
  "PH",
  "PL",
  "PT",
  "RO",
  "SE",
  "SG",
  "TH",
  "TR",
  "TW",
  "US",
  "VN",
  "ZA",
] as const;

export interface RegionChoice {
  value: string;
  label: string;
}

/** Return the countries by name: "China (CN)", since lists and rules have the codes. */
export function regionChoices(language: string): RegionChoice[] {
  const names = new Intl.DisplayNames(language, { type: "region" });
  return REGIONS.map((code) => ({ value: code, label: `${names.of(code)} (${code})` })).sort(
    (a, b) => a.label.localeCompare(b.label, language),
  );
}

export function useRegionChoices(): RegionChoice[] {
  const { i18n } = useTranslation();
  return useMemo(() => regionChoices(i18n.language), [i18n.language]);
}
