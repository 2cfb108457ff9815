/** Names of dispositions and break reasons, which are the site's own data. */
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { api, data } from "./api";

interface Code {
  code: string;
  label_en: string;
  label_zh: string;
}

function useLabels(codes: readonly Code[] | undefined): (code: string) => string {
  const { t, i18n } = useTranslation();
  return useCallback(
    (code: string) => {
      if (code === "") return t("terms:none");
      const found = codes?.find((each) => each.code === code);
      if (!found) return code;
      return i18n.language.startsWith("zh") ? found.label_zh : found.label_en;
    },
    [codes, i18n.language, t],
  );
}

/** Return a function from a disposition's code to its name (the code while unknown). */
export function useDispositionLabel(): (code: string) => string {
  const codes = useQuery({
    queryKey: ["dispositions"],
    queryFn: () => data(api.GET("/api/dispositions")),
    staleTime: 300_000,
  });
  return useLabels(codes.data);
}

/** Return a function from a break reason's code to its name (the code while unknown). */
export function useBreakReasonLabel(): (code: string) => string {
  const codes = useQuery({
    queryKey: ["break-reasons"],
    queryFn: () => data(api.GET("/api/break-reasons")),
    staleTime: 300_000,
  });
  return useLabels(codes.data);
}
