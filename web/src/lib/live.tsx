/** React's way to the live tables: a provider, and hooks typed by topic and table. */
import { createContext, useCallback, useContext, useEffect, useSyncExternalStore } from "react";
import type { LiveClient, LiveStatus } from "./live-client";
import type { TopicTables } from "./live-tables";

const LiveContext = createContext<LiveClient | null>(null);

export const LiveProvider = LiveContext.Provider;

export function useLiveClient(): LiveClient {
  const client = useContext(LiveContext);
  if (!client) throw new Error("useLiveClient needs a LiveProvider");
  return client;
}

type TopicName = keyof TopicTables & string;
type TableName<T extends TopicName> = keyof TopicTables[T] & string;

/** Keep a topic subscribed while the calling component is on the page; tell its state. */
export function useTopic(topic: TopicName): { loaded: boolean; stale: boolean } {
  const client = useLiveClient();
  useEffect(() => client.subscribe(topic), [client, topic]);
  const store = client.store(topic);
  const onState = useCallback((changed: () => void) => store.onState(changed), [store]);
  const loaded = useSyncExternalStore(onState, () => store.loaded);
  const stale = useSyncExternalStore(onState, () => store.stale);
  return { loaded, stale };
}

/** Return the rows of a table in order of arrival; the same array until one of them changes. */
export function useRows<T extends TopicName, N extends TableName<T>>(
  topic: T,
  table: N,
): readonly TopicTables[T][N][] {
  const store = useLiveClient().store(topic);
  const onTable = useCallback(
    (changed: () => void) => store.onTable(table, changed),
    [store, table],
  );
  return useSyncExternalStore(onTable, () => store.list(table)) as readonly TopicTables[T][N][];
}

/** Return one row; renders again only when that row changes. */
export function useRow<T extends TopicName, N extends TableName<T>>(
  topic: T,
  table: N,
  key: string,
): TopicTables[T][N] | undefined {
  const store = useLiveClient().store(topic);
  const onTable = useCallback(
    (changed: () => void) => store.onTable(table, changed),
    [store, table],
  );
  return useSyncExternalStore(onTable, () => store.row(table, key)) as
    TopicTables[T][N] | undefined;
}

export function useLiveStatus(): LiveStatus {
  const client = useLiveClient();
  const onStatus = useCallback((changed: () => void) => client.onStatus(changed), [client]);
  return useSyncExternalStore(onStatus, () => client.status);
}
