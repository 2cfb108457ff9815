/**
 * Translations: namespace `common` (src/locales), `errors` (server codes, src/locales) and one
 * namespace per feature (src/features/<name>/locales/{en,zh-CN}.json), all bundled.
 * `src/testing/locales.test.ts` fails on a missing key.
 */
import i18n from "i18next";
import { initReactI18next } from "react-i18next";

export const LANGUAGES = ["en", "zh-CN"] as const;
export type Language = (typeof LANGUAGES)[number];

const STORED = "omni.language";

type Words = Record<string, unknown>;
const shared = import.meta.glob<Words>("../locales/*/*.json", { eager: true, import: "default" });
const featured = import.meta.glob<Words>("../features/*/locales/*.json", {
  eager: true,
  import: "default",
});

function collect(): Record<string, Record<string, Words>> {
  const resources: Record<string, Record<string, Words>> = {};
  const put = (language: string, namespace: string, words: Words) => {
    (resources[language] ??= {})[namespace] = words;
  };
  for (const [path, words] of Object.entries(shared)) {
    const [, language, namespace] = /locales\/([^/]+)\/([^/]+)\.json$/.exec(path) ?? [];
    if (language && namespace) put(language, namespace, words);
  }
  for (const [path, words] of Object.entries(featured)) {
    const [, namespace, language] = /features\/([^/]+)\/locales\/([^/]+)\.json$/.exec(path) ?? [];
    if (language && namespace) put(language, namespace, words);
  }
  return resources;
}

/** Return the language that fits a BCP 47 tag, English when none does. */
export function closestLanguage(tag: string | null | undefined): Language {
  return tag?.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}

/** Return the language last chosen here, else the browser's. */
export function firstLanguage(): Language {
  return closestLanguage(localStorage.getItem(STORED) ?? navigator.language);
}

/** Show the pages in `language` and remember it on this device. */
export function showLanguage(language: Language): void {
  localStorage.setItem(STORED, language);
  document.documentElement.lang = language;
  if (i18n.language !== language) void i18n.changeLanguage(language);
}

export function startTranslations(language: Language): void {
  document.documentElement.lang = language;
  void i18n.use(initReactI18next).init({
    resources: collect(),
    lng: language,
    fallbackLng: "en",
    defaultNS: "common",
    fallbackNS: "common",
    interpolation: { escapeValue: false },
    returnEmptyString: false,
    showSupportNotice: false,
  });
}
