/** A figure in a table: digits of one width, coloured by concern, dim when zero. */
import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { concernColor, type Concern } from "./concern";

interface FigureProps {
  children: ReactNode;
  concern?: Concern;
  dim?: boolean;
}

export function Figure({ children, concern = "none", dim = false }: FigureProps) {
  return (
    <Text
      span
      inherit
      className="omni-tabular"
      c={concernColor(concern) ?? (dim ? "dimmed" : undefined)}
      fw={concern === "none" ? undefined : 600}
    >
      {children}
    </Text>
  );
}
