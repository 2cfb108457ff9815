/** How long to wait before trying again: doubling, capped, with jitter so that clients spread. */

export interface BackoffOptions {
  firstMs: number;
  capMs: number;
}

/**
 * Return the wait in milliseconds before attempt `attempt` (0, 1, 2 …).
 * Full jitter on the upper half: between 50 % and 100 % of the capped exponential value.
 */
export function backoffMs(attempt: number, random: number, options: BackoffOptions): number {
  const full = Math.min(options.capMs, options.firstMs * 2 ** Math.min(attempt, 20));
  return Math.round(full * (0.5 + random / 2));
}
