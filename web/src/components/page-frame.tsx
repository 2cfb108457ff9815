/** The inside of a page: title, what can be done, content. */
import { Box, Group, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface PageFrameProps {
  title: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function PageFrame({ title, note, actions, children }: PageFrameProps) {
  return (
    <Box p="lg" maw={1720} mx="auto">
      <Group justify="space-between" align="flex-start" mb="md" wrap="nowrap">
        <Box miw={0}>
          <Title order={1} size="h3">
            {title}
          </Title>
          {note !== undefined && (
            <Text size="sm" c="dimmed" component="div">
              {note}
            </Text>
          )}
        </Box>
        <Group gap="xs" wrap="nowrap">
          {actions}
        </Group>
      </Group>
      {children}
    </Box>
  );
}
