/** Dispositions and break reasons: codes with their names in the reader's language. */
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { api, data } from "./api";
import type { CodeBody } from "./types";

export type CodeKind = "disposition" | "break_reason";

/** Codes change rarely; a page that stays open all day asks again every half hour. */
const FRESH_MS = 30 * 60_000;
const NONE: readonly CodeBody[] = [];

export function useCodes(kind: CodeKind): readonly CodeBody[] {
  const found = useQuery({
    queryKey: ["codes", kind],
    queryFn: () =>
      kind === "disposition"
        ? data(api.GET("/api/dispositions"))
        : data(api.GET("/api/break-reasons")),
    staleTime: FRESH_MS,
  });
  return found.data ?? NONE;
}

/** Return a function from code to its name; a code nobody knows is its own name. */
export function useCodeLabel(kind: CodeKind): (code: string) => string {
  const codes = useCodes(kind);
  const { i18n, t } = useTranslation();
  return useCallback(
    (code: string) => {
      if (code === "") return t("terms:none");
      const found = codes.find((each) => each.code === code);
      if (found) return i18n.language.startsWith("zh") ? found.label_zh : found.label_en;
      return t(`code.${code}`, { defaultValue: code });
    },
    [codes, i18n.language, t],
  );
}
