/** The centre: one interaction, by its medium; its result once it has ended. */
import { Box, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { WorkRow } from "@/lib/types";
import { ResultForm } from "../wrap-up/result-form";
import { CallPanel } from "./call-panel";
import { ChatThread } from "./chat-thread";
import { ConversationHeader } from "./conversation-header";
import classes from "./conversation.module.css";
import { MailThread } from "./mail-thread";

export function Conversation({ work }: { work: WorkRow }) {
  const { t } = useTranslation("inbox");
  const voice = work.medium === "voice";
  return (
    <Box component="article" className={classes.conversation} data-testid="conversation">
      <ConversationHeader work={work} />
      <Box className={classes.body}>
        {work.medium === "voice" && <CallPanel work={work} />}
        {work.medium === "chat" && <ChatThread work={work} />}
        {work.medium === "email" && <MailThread work={work} />}
      </Box>
      {(voice || work.state === "wrap_up") && (
        <Box className={classes.result} data-ended={work.state === "wrap_up" || undefined}>
          <Text size="sm" fw={650} mb="xs">
            {t("result.title")}
          </Text>
          <ResultForm key={work.interaction_id} work={work} />
        </Box>
      )}
    </Box>
  );
}
