/** The first page after log-in: the first entry of the navigation that the person may open. */
import { Navigate } from "react-router";
import type { NavEntry } from "@/lib/feature";
import { hasRole, useMe } from "@/lib/session";
import { NotFoundPage } from "./fallback-pages";

export function Home({ navigation }: { navigation: readonly NavEntry[] }) {
  const me = useMe();
  const first = navigation.find((entry) => hasRole(me, entry.roles));
  return first ? <Navigate to={first.to} replace /> : <NotFoundPage />;
}
