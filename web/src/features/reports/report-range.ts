/** Days of a report as text (YYYY-MM-DD), and the ways to name them. Pure. */

export interface Range {
  from: string;
  to: string;
}

export type Preset = "today" | "yesterday" | "week" | "month";

/** Return a day as YYYY-MM-DD, as the calendar of this place has it. */
export function dayText(at: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

function daysBefore(at: Date, days: number): Date {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() - days);
}

/** Return the days a preset stands for; a week is the last seven days, a month the last thirty. */
export function presetRange(preset: Preset, now: Date): Range {
  const today = dayText(now);
  switch (preset) {
    case "today":
      return { from: today, to: today };
    case "yesterday": {
      const day = dayText(daysBefore(now, 1));
      return { from: day, to: day };
    }
    case "week":
      return { from: dayText(daysBefore(now, 6)), to: today };
    case "month":
      return { from: dayText(daysBefore(now, 29)), to: today };
  }
}

/** Return the days of one interval, to look closer at it. */
export function rangeOf(startsAt: string, zoom: string, timeZone: string): Range {
  const day = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(
    new Date(startsAt),
  );
  if (zoom !== "month") return { from: day, to: day };
  const [year = 0, month = 1] = day.split("-").map(Number);
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { from: `${day.slice(0, 8)}01`, to: `${day.slice(0, 8)}${String(last)}` };
}

/** Return how an interval is named on the chart's axis. */
export function intervalText(
  startsAt: string,
  zoom: string,
  timeZone: string,
  language: string,
): string {
  const parts: Intl.DateTimeFormatOptions =
    zoom === "hour"
      ? { hour: "2-digit", minute: "2-digit" }
      : zoom === "day"
        ? { month: "short", day: "numeric" }
        : { year: "numeric", month: "short" };
  return new Intl.DateTimeFormat(language, { ...parts, timeZone }).format(new Date(startsAt));
}
