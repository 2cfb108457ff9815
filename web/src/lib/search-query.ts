/** The search text, page and filters of a list, kept in the address so that "back" finds them. */
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import { useSearchParams } from "react-router";

const WAIT_MS = 250;

export interface SearchQuery {
  /** What stands in the field. */
  typed: string;
  /** What is asked for, a moment later. */
  q: string;
  page: number;
  get: (name: string) => string;
  type: (text: string) => void;
  set: (name: string, value: string) => void;
  turnTo: (page: number) => void;
}

export function useSearchQuery(): SearchQuery {
  const [params, setParams] = useSearchParams();
  const q = params.get("q") ?? "";
  const [typed, setTyped] = useState(q);
  const change = (changes: Record<string, string>) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(changes))
          if (value === "") next.delete(name);
          else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const ask = useDebouncedCallback((text: string) => change({ q: text.trim(), page: "" }), WAIT_MS);
  return {
    typed,
    q,
    page: Math.max(1, Number(params.get("page") ?? "1") || 1),
    get: (name) => params.get(name) ?? "",
    type: (text) => {
      setTyped(text);
      ask(text);
    },
    set: (name, value) => change({ [name]: value, page: "" }),
    turnTo: (page) => change({ page: page === 1 ? "" : String(page) }),
  };
}
