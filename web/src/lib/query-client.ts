/** How REST data is cached: refusals are not retried, failed changes show a toast. */
import { MutationCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "./api";
import { showError } from "./errors";

function worthRetrying(failures: number, error: Error): boolean {
  if (failures >= 2) return false;
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    mutationCache: new MutationCache({
      onError: (error, _variables, _result, mutation) => {
        if (mutation.meta?.["quiet"] !== true) showError(error);
      },
    }),
    defaultOptions: {
      queries: { staleTime: 15_000, retry: worthRetrying, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
}
