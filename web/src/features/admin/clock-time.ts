/** Times of the day as the browser's time fields write them; midnight at the end is 24:00. */

export const DAY_MIN = 1440;

/** 545 → "09:05"; the end of the day is shown as "00:00". */
export function textOf(minutes: number): string {
  const of = minutes % DAY_MIN;
  const two = (part: number) => String(part).padStart(2, "0");
  return `${two(Math.floor(of / 60))}:${two(of % 60)}`;
}

/** "09:05" → 545. `end`: "00:00" is the end of the day. Null: no time. */
export function minutesOf(text: string, end = false): number | null {
  const match = /^(\d{2}):(\d{2})/.exec(text);
  if (match === null) return null;
  const minutes = Number(match[1]) * 60 + Number(match[2]);
  return end && minutes === 0 ? DAY_MIN : minutes;
}
