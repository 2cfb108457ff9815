/** The frame of all pages: who is logged in, navigation, the live connection, its state. */
import { Box, Center, Loader } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect } from "react";
import { Navigate, Outlet, useLocation, useNavigate } from "react-router";
import { onSessionExpired } from "@/lib/api";
import { errorText } from "@/lib/errors";
import { closestLanguage, showLanguage } from "@/lib/i18n";
import { LiveProvider } from "@/lib/live";
import { hasRole, SESSION_KEY, useSession, type Me } from "@/lib/session";
import { residents } from "./features";
import { ForbiddenPage } from "./fallback-pages";
import type { FeatureNavEntry } from "./nav-rail";
import { NavRail } from "./nav-rail";
import classes from "./shell.module.css";
import { StaleBanner } from "./stale-banner";
import { useLiveConnection } from "./use-live-connection";

export function Shell({ navigation }: { navigation: readonly FeatureNavEntry[] }) {
  const session = useSession();
  const location = useLocation();
  const navigate = useNavigate();
  const queries = useQueryClient();

  useEffect(
    () =>
      onSessionExpired(() => {
        if (!queries.getQueryData<Me | null>(SESSION_KEY)) return;
        queries.setQueryData(SESSION_KEY, null);
        const next = encodeURIComponent(window.location.pathname + window.location.search);
        void navigate(`/login?expired=1&next=${next}`, { replace: true });
      }),
    [navigate, queries],
  );

  if (session.isPending)
    return (
      <Center h="100vh">
        <Loader />
      </Center>
    );
  if (session.isError) return <Center h="100vh">{errorText(session.error)}</Center>;
  if (!session.data) {
    const asked = location.pathname + location.search;
    const next = asked === "/" ? "" : `?next=${encodeURIComponent(asked)}`;
    return <Navigate to={`/login${next}`} replace />;
  }
  return <Inside key={session.data.user_id} me={session.data} navigation={navigation} />;
}

function Inside({ me, navigation }: { me: Me; navigation: readonly FeatureNavEntry[] }) {
  const client = useLiveConnection();
  const location = useLocation();

  useEffect(() => showLanguage(closestLanguage(me.language)), [me.language]);

  const own = navigation.filter((entry) => hasRole(me, entry.roles));
  const guarded = navigation.filter((entry) => within(location.pathname, entry.to));
  const allowed = guarded.length === 0 || guarded.some((entry) => hasRole(me, entry.roles));
  return (
    <LiveProvider value={client}>
      <Box className={classes.shell}>
        <NavRail me={me} entries={own} />
        <Box component="main" className={classes.main} id="main">
          <StaleBanner />
          {residents
            .filter((resident) => hasRole(me, resident.roles))
            .map(({ component: Resident }, index) => (
              <Resident key={index} />
            ))}
          <Box className={classes.page}>
            <Suspense
              fallback={
                <Center h={300}>
                  <Loader />
                </Center>
              }
            >
              {allowed ? <Outlet /> : <ForbiddenPage />}
            </Suspense>
          </Box>
        </Box>
      </Box>
    </LiveProvider>
  );
}

function within(path: string, base: string): boolean {
  return path === base || path.startsWith(`${base}/`);
}
