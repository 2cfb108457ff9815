/** Who is logged in: one query that every page shares. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { ApiError, api, data, setCsrfToken } from "./api";

export type Me = components["schemas"]["Me"];
export type Role = "agent" | "supervisor" | "manager" | "admin";

export const SESSION_KEY = ["me"] as const;

async function fetchMe(): Promise<Me | null> {
  try {
    const me = await data(api.GET("/api/me"));
    setCsrfToken(me.csrf_token);
    return me;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Return the person logged in, null when nobody is, undefined while unknown. */
export function useSession() {
  return useQuery({ queryKey: SESSION_KEY, queryFn: fetchMe, staleTime: Infinity, retry: 1 });
}

/** Return the person logged in; only below the shell, which shows nothing without one. */
export function useMe(): Me {
  const me = useQueryClient().getQueryData<Me>(SESSION_KEY);
  const session = useSession();
  const found = session.data ?? me;
  if (!found) throw new Error("useMe outside the shell");
  return found;
}

export function hasRole(me: Me, roles: readonly Role[]): boolean {
  return roles.length === 0 || roles.some((role) => me.roles.includes(role));
}
