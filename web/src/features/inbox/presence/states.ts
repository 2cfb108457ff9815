/** Colours of the agent's states: green works, yellow needs the person, grey is away. */
import type { MantineColor } from "@mantine/core";
import type { AgentState } from "@/lib/types";

export const STATE_COLOURS: Record<AgentState, MantineColor> = {
  ready: "green",
  dialing: "cyan",
  busy: "blue",
  wrap_up: "yellow",
  break: "orange",
  signed_out: "gray",
};
