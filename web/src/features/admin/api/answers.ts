/** Requests about automatic answers to mails. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data } from "@/lib/api";
import { useSaving } from "./routing";

type Schemas = components["schemas"];
export type Answer = Schemas["AnswerItem"];
export type AnswerNew = Schemas["AnswerBody"];
export type AnswerTexts = Required<Schemas["AnswerTexts"]>;

const ANSWERS = ["mail-answers"] as const;

export function useAnswers() {
  return useQuery({
    queryKey: ANSWERS,
    queryFn: () => data(api.GET("/api/mail-answers")) as Promise<Answer[]>,
  });
}

export function useSaveAnswer(id: string | null) {
  return useSaving(
    (body: AnswerNew): Promise<unknown> =>
      id === null
        ? api.POST("/api/mail-answers", { body })
        : api.PUT("/api/mail-answers/{answer_id}", { params: { path: { answer_id: id } }, body }),
    ANSWERS,
  );
}

export function useRemoveAnswer() {
  return useSaving(
    (id: string): Promise<unknown> =>
      api.DELETE("/api/mail-answers/{answer_id}", { params: { path: { answer_id: id } } }),
    ANSWERS,
  );
}

/** What the texts say to somebody made up, or what is wrong with them. */
export function useAnswerPreview(texts: AnswerTexts) {
  return useQuery({
    queryKey: ["mail-answer-preview", texts],
    queryFn: () =>
      data(api.POST("/api/mail-answers/preview", { body: texts })) as Promise<AnswerTexts>,
    enabled: texts.en.trim() !== "" || texts.zh.trim() !== "",
    placeholderData: keepPreviousData,
  });
}
