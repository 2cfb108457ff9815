/** A bordered part of a page with a heading. */
import { Group, Paper, Text } from "@mantine/core";
import type { ReactNode } from "react";

interface PanelProps {
  title: ReactNode;
  actions?: ReactNode;
  /** Content that brings its own padding (a table) goes to the edges. */
  flush?: boolean;
  children: ReactNode;
}

export function Panel({ title, actions, flush = false, children }: PanelProps) {
  return (
    <Paper withBorder radius="md" component="section">
      <Group justify="space-between" px="md" pt="sm" pb={flush ? 6 : "xs"} mih={46} wrap="nowrap">
        <Text component="h2" fw={600} size="sm">
          {title}
        </Text>
        {actions}
      </Group>
      {flush ? (
        children
      ) : (
        <Paper px="md" pb="md">
          {children}
        </Paper>
      )}
    </Paper>
  );
}
