/** What was said in a chat or a mail exchange, to read. */
import { Alert, Box, Loader, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, data } from "@/lib/api";
import { errorText } from "@/lib/errors";
import { instantText } from "@/lib/format";
import classes from "./contact-transcript.module.css";

interface Said {
  key: string;
  ours: boolean;
  name: string;
  /** Nobody wrote it. */
  automatic?: boolean;
  at: string;
  text: string;
}

async function chatLines(interactionId: string): Promise<Said[]> {
  const params = { path: { interaction_id: interactionId } };
  const lines = await data(api.GET("/api/interactions/{interaction_id}/messages", { params }));
  return lines.map((line) => ({
    key: String(line.number),
    ours: line.author === "agent",
    name: line.agent_name,
    at: line.at,
    text: line.text,
  }));
}

async function mails(interactionId: string): Promise<Said[]> {
  const params = { path: { interaction_id: interactionId } };
  const all = await data(api.GET("/api/interactions/{interaction_id}/mails", { params }));
  return all.map((mail) => ({
    key: mail.mail_id,
    ours: mail.direction === "outbound",
    name: mail.from.name || mail.from.address,
    automatic: mail.direction === "outbound" && mail.kind === "auto_reply",
    at: mail.at,
    text: mail.own_text || mail.text,
  }));
}

/** Read by medium; calls have a recording instead. */
const READERS: Partial<Record<string, (interactionId: string) => Promise<Said[]>>> = {
  chat: chatLines,
  email: mails,
};

export function hasTranscript(medium: string): boolean {
  return medium in READERS;
}

export function ContactTranscript(props: { interactionId: string; medium: string }) {
  const { interactionId, medium } = props;
  const { t, i18n } = useTranslation();
  const said = useQuery({
    queryKey: ["transcript", medium, interactionId],
    queryFn: () => READERS[medium]?.(interactionId) ?? [],
  });
  if (said.isPending) return <Loader size="sm" my="xs" />;
  if (said.isError) return <Alert color="red">{errorText(said.error)}</Alert>;
  return (
    <Box className={classes.said}>
      {said.data.map((one) => (
        <Box key={one.key} className={classes.one} data-ours={one.ours || undefined}>
          <Text size="xs" c="dimmed" className="omni-tabular">
            {[
              one.name,
              one.automatic && t("timeline.automatic"),
              instantText(one.at, i18n.language),
            ]
              .filter(Boolean)
              .join(" · ")}
          </Text>
          <Text size="sm" className={classes.text}>
            {one.text}
          </Text>
        </Box>
      ))}
    </Box>
  );
}
