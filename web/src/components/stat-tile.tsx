/** One figure with its name; coloured only when a person should do something about it. */
import { Paper, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { concernColor, type Concern } from "./concern";

interface StatTileProps {
  label: string;
  value: ReactNode;
  detail?: ReactNode;
  concern?: Concern;
}

export function StatTile({ label, value, detail, concern = "none" }: StatTileProps) {
  const color = concernColor(concern);
  return (
    <Paper
      withBorder
      radius="md"
      px="md"
      py="xs"
      style={color ? { borderColor: color, boxShadow: `inset 0 0 0 1px ${color}` } : undefined}
    >
      <Text size="xs" c="dimmed" truncate>
        {label}
      </Text>
      <Text fz={26} lh={1.25} fw={600} className="omni-tabular" c={color} truncate>
        {value}
      </Text>
      <Text size="xs" c="dimmed" className="omni-tabular" mih={18} truncate>
        {detail}
      </Text>
    </Paper>
  );
}
