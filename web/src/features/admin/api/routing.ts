/** Requests about entry points, queues, groups, agents and the matrix. */
import { useMutation, useQuery, useQueryClient, type QueryKey } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data } from "@/lib/api";

type Schemas = components["schemas"];
export type EntryPoint = Schemas["EntryPointBody"];
export type EntryPointNew = Schemas["EntryPointNew"];
export type Topic = Schemas["TopicBody"];
export type EntryRule = Schemas["EntryRuleBody"];
export type Queue = Schemas["QueueBody"];
export type QueueNew = Schemas["QueueNew"];
export type Group = Schemas["GroupBody"];
export type Agent = Schemas["AgentBody"];
export type Skill = Schemas["SkillBody"];
export type Ring = Schemas["RingBody"];
export type Load = Required<Schemas["LoadBody"]>;
export type GroupTimes = Schemas["GroupTimes"];
export type GroupNew = Schemas["GroupNew"];
export type Calendar = Schemas["CalendarBody"];
export type Policy = Schemas["PolicyBody"];
export type Matrix = Schemas["MatrixBody"];
export type EntryLink = Schemas["EntryLinkBody"];
export type GroupLink = Schemas["GroupLinkBody"];

const KEYS = {
  entryPoints: ["entry-points"],
  queues: ["queues"],
  groups: ["groups"],
  agents: ["agents"],
  matrix: ["matrix"],
  calendars: ["calendars"],
  policy: ["routing-policy"],
  callers: ["callers"],
  breakReasons: ["codes", "break_reason"],
} as const;

export function useEntryPoints() {
  return useQuery({
    queryKey: KEYS.entryPoints,
    queryFn: () => data(api.GET("/api/entry-points")),
  });
}

export function useQueues() {
  return useQuery({
    queryKey: KEYS.queues,
    // The client's own types make lists of what are triples.
    queryFn: () => data(api.GET("/api/queues")) as Promise<Queue[]>,
  });
}

export function useGroups() {
  return useQuery({
    queryKey: KEYS.groups,
    queryFn: () => data(api.GET("/api/groups")) as Promise<Group[]>,
  });
}

export function useAgents() {
  return useQuery({
    queryKey: KEYS.agents,
    queryFn: () => data(api.GET("/api/agents")) as Promise<Agent[]>,
  });
}

export function useCalendars() {
  return useQuery({
    queryKey: KEYS.calendars,
    queryFn: () => data(api.GET("/api/calendars")) as unknown as Promise<Calendar[]>,
  });
}

/** What may interrupt what, and what waiting work weighs. */
export function usePolicy() {
  return useQuery({
    queryKey: KEYS.policy,
    queryFn: () => data(api.GET("/api/routing-policy")) as Promise<Policy>,
  });
}

export function useSavePolicy() {
  return useSaving(
    (body: Policy): Promise<unknown> => api.PUT("/api/routing-policy", { body }),
    KEYS.policy,
  );
}

export function useMatrix() {
  return useQuery({
    queryKey: KEYS.matrix,
    queryFn: () => data(api.GET("/api/matrix")) as Promise<Matrix>,
    refetchOnWindowFocus: false,
  });
}

/** Save something and read again what it may have changed. */
export function useSaving<B>(save: (body: B) => Promise<unknown>, ...changed: QueryKey[]) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: save,
    onSuccess: () =>
      Promise.all(changed.map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}

export function useSaveEntryPoint(id: string | null) {
  return useSaving(
    ({ medium, ...rest }: EntryPointNew): Promise<unknown> =>
      id === null
        ? api.POST("/api/entry-points", { body: { medium, ...rest } })
        : api.PATCH("/api/entry-points/{entry_point_id}", {
            params: { path: { entry_point_id: id } },
            body: rest,
          }),
    KEYS.entryPoints,
    KEYS.matrix,
  );
}

export function useSaveQueue(id: string | null) {
  return useSaving(
    (body: QueueNew): Promise<unknown> =>
      id === null
        ? api.POST("/api/queues", { body })
        : api.PATCH("/api/queues/{queue_id}", { params: { path: { queue_id: id } }, body }),
    KEYS.queues,
    KEYS.matrix,
  );
}

export function useSaveGroup(id: string | null) {
  return useSaving(
    (body: GroupNew): Promise<unknown> =>
      id === null
        ? api.POST("/api/groups", { body })
        : api.PATCH("/api/groups/{group_id}", { params: { path: { group_id: id } }, body }),
    KEYS.groups,
    KEYS.queues,
    KEYS.matrix,
  );
}

/** Make a user an agent, or change how the agent works. */
export function useSaveAgent(isNew: boolean) {
  return useSaving(({ agent_id, robot, ...rest }: Agent): Promise<unknown> => {
    if (isNew) return api.POST("/api/agents", { body: { agent_id, robot, ...rest } as Agent });
    return api.PATCH("/api/agents/{agent_id}", { params: { path: { agent_id } }, body: rest });
  }, KEYS.agents);
}

export type Caller = Schemas["CallerBody"];

export function useCallers() {
  return useQuery({ queryKey: KEYS.callers, queryFn: () => data(api.GET("/api/callers")) });
}

export function useSaveCaller() {
  return useSaving(
    (body: Caller): Promise<unknown> => api.PUT("/api/callers", { body }),
    KEYS.callers,
  );
}

export function useRemoveCaller() {
  return useSaving(
    (pattern: string): Promise<unknown> => api.POST("/api/callers/remove", { body: { pattern } }),
    KEYS.callers,
  );
}

export type BreakReason = Schemas["CodeBody"];
export type BreakReasonSettings = Schemas["BreakReasonBody"];

export function useBreakReasons() {
  return useQuery({
    queryKey: KEYS.breakReasons,
    queryFn: () => data(api.GET("/api/break-reasons")),
  });
}

export function useSaveBreakReason() {
  return useSaving(
    ({ code, ...body }: BreakReasonSettings & { code: string }): Promise<unknown> =>
      api.PUT("/api/break-reasons/{code}", { params: { path: { code } }, body }),
    KEYS.breakReasons,
    ["break-reasons"],
  );
}

export function useSaveMatrix() {
  return useSaving(
    (body: Matrix): Promise<unknown> => api.PUT("/api/matrix", { body }),
    KEYS.matrix,
    KEYS.queues,
  );
}
