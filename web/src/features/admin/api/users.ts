/** Requests about users. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data } from "@/lib/api";

type Schemas = components["schemas"];
export type User = Schemas["UserRow"];
export type UserNew = Schemas["NewUser"];

const KEY = ["users"];

export function useUsers() {
  return useQuery({ queryKey: KEY, queryFn: () => data(api.GET("/api/users")) });
}

export interface UserDraft {
  name: string;
  email: string;
  roles: UserNew["roles"];
  active: boolean;
  /** Empty: as it is. */
  password: string;
}

export function useSaveUser(userId: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ email, password, active, ...rest }: UserDraft) =>
      userId === null
        ? data(api.POST("/api/users", { body: { email, password, ...rest } }))
        : data(
            api.PATCH("/api/users/{user_id}", {
              params: { path: { user_id: userId } },
              body: { ...rest, active, ...(password === "" ? {} : { password }) },
            }),
          ),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}
