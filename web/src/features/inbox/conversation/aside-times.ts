/** When a mail set aside is back. Pure, so that it can be tested. */

export function inHours(now: Date, hours: number): Date {
  return new Date(now.getTime() + hours * 3_600_000);
}

/** Tomorrow at an hour of the wall clock here. */
export function tomorrowAt(now: Date, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, hour);
}

/** Whether there is such a time and it has not come yet. */
export function isAhead(at: string | null, nowMs: number): boolean {
  return at !== null && Date.parse(at) > nowMs;
}
