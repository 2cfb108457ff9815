/** The live client of the logged-in person: made once, started with the shell, hurried on return. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { LiveClient, type LiveSocket } from "@/lib/live-client";
import { SESSION_KEY } from "@/lib/session";

function openSocket(): LiveSocket {
  const scheme = window.location.protocol === "https:" ? "wss" : "ws";
  return new WebSocket(`${scheme}://${window.location.host}/api/live`) as LiveSocket;
}

export function useLiveConnection(): LiveClient {
  const queries = useQueryClient();
  const [client] = useState(
    () =>
      new LiveClient({
        open: openSocket,
        // A refused hand-shake does not say why; /api/me does (401: the session has ended).
        onLost: () => void queries.invalidateQueries({ queryKey: SESSION_KEY }),
      }),
  );
  useEffect(() => {
    const hurry = () => {
      if (document.visibilityState === "visible") client.hurry();
    };
    client.start();
    window.addEventListener("online", hurry);
    document.addEventListener("visibilitychange", hurry);
    return () => {
      window.removeEventListener("online", hurry);
      document.removeEventListener("visibilitychange", hurry);
      client.stop();
    };
  }, [client]);
  return client;
}
