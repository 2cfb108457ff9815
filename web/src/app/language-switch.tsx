/** Choice of the language; kept on the device and, when logged in, with the user. */
import { SegmentedControl } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "@/lib/api";
import { closestLanguage, showLanguage, type Language } from "@/lib/i18n";
import { SESSION_KEY, type Me } from "@/lib/session";

/** Return a function that shows a language and stores it with the user, if there is one. */
export function useChangeLanguage(): (language: Language) => void {
  const queries = useQueryClient();
  return (language) => {
    showLanguage(language);
    const me = queries.getQueryData<Me | null>(SESSION_KEY);
    if (!me) return;
    queries.setQueryData<Me>(SESSION_KEY, { ...me, language });
    // Failing to store it costs nothing here: this device remembers.
    api.PATCH("/api/me", { body: { language } }).catch(() => undefined);
  };
}

export function LanguageSwitch() {
  const { i18n, t } = useTranslation();
  const change = useChangeLanguage();
  return (
    <SegmentedControl
      size="xs"
      aria-label={t("shell.language")}
      value={closestLanguage(i18n.language)}
      onChange={(value) => change(value as Language)}
      data={[
        { value: "en", label: "English" },
        { value: "zh-CN", label: "简体中文" },
      ]}
    />
  );
}
