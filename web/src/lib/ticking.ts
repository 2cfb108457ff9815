/** One second-hand for all timers of the page, so that they tick together and cost one timer. */
import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function listen(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const each of [...listeners]) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
  };
}

function present(): number {
  // The hand stands still while nobody listens; a first render must not show an old time.
  if (timer === null) nowMs = Math.floor(Date.now() / 1000) * 1000;
  return nowMs;
}

/** Return the present time in milliseconds; renders again every second. */
export function useNowMs(): number {
  return useSyncExternalStore(listen, present);
}
