/** An agent's state as a quiet dot and word; the word carries the meaning, not the colour. */
import { Box, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { stateKey } from "@/lib/agent-state";
import { useCodeLabel } from "@/lib/codes";
import type { AgentRow } from "./rows";

const DOTS: Record<AgentRow["state"], string> = {
  ready: "var(--mantine-color-teal-6)",
  dialing: "var(--mantine-color-cyan-6)",
  busy: "var(--mantine-color-blue-6)",
  wrap_up: "var(--mantine-color-violet-5)",
  break: "var(--mantine-color-gray-5)",
  signed_out: "transparent",
};

export function stateDot(state: AgentRow["state"]): string {
  return DOTS[state];
}

export function AgentStateBadge({ row }: { row: AgentRow }) {
  const { t } = useTranslation();
  const reasonLabel = useCodeLabel("break_reason");
  const reason = row.state === "break" && row.reason !== "" ? reasonLabel(row.reason) : "";
  return (
    <Group gap={7} wrap="nowrap">
      <Box
        w={9}
        h={9}
        bg={DOTS[row.state]}
        style={{ borderRadius: 9, flex: "none", border: "1px solid var(--mantine-color-gray-5)" }}
      />
      <Text span inherit truncate>
        {t(stateKey(row.state, row.reason))}
        {reason !== "" && (
          <Text span inherit c="dimmed">
            {" · "}
            {reason}
          </Text>
        )}
        {row.break_requested !== "" && (
          <Text span inherit c="orange.8">
            {" → "}
            {reasonLabel(row.break_requested)}?
          </Text>
        )}
        {row.break_pending && (
          <Text span inherit c="dimmed">
            {" → "}
            {t(row.reason === "sign_out" ? "agentState.signed_out" : "agentState.break")}
          </Text>
        )}
      </Text>
    </Group>
  );
}
