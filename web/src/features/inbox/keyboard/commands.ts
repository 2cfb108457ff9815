/** Keyboard commands as a small bus, so that the page that knows how to obey registers itself. */

export type CallCommand = "mute" | "hold";

const listeners = new Set<(command: CallCommand) => void>();

export function onCallCommand(listener: (command: CallCommand) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function sayCallCommand(command: CallCommand): void {
  for (const listener of [...listeners]) listener(command);
}
