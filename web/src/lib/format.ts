/** Durations, instants, numbers, sizes as people read them, in their language. */

/** Return `m:ss`, or `h:mm:ss` from an hour on. Negative counts as zero. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = String(whole % 60).padStart(2, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${s}` : `${m}:${s}`;
}

/** Return the seconds from an ISO instant until `nowMs`. */
export function secondsSince(iso: string, nowMs: number): number {
  return (nowMs - Date.parse(iso)) / 1000;
}

/** Return the time of day to the second. */
export function timeText(iso: string, language: string): string {
  const parts = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
  return new Intl.DateTimeFormat(language, parts).format(new Date(iso));
}

/** Return the time of day for today, the date and time otherwise. */
export function instantText(iso: string, language: string, nowMs: number = Date.now()): string {
  const at = new Date(iso);
  const now = new Date(nowMs);
  const sameDay = at.toDateString() === now.toDateString();
  const sameYear = at.getFullYear() === now.getFullYear();
  return new Intl.DateTimeFormat(language, {
    ...(sameDay ? {} : { month: "short", day: "numeric" }),
    ...(sameYear ? {} : { year: "numeric" }),
    hour: "2-digit",
    minute: "2-digit",
  }).format(at);
}

/** Return the time of day for today, the day otherwise: for narrow places. */
export function dayText(iso: string, language: string, nowMs: number = Date.now()): string {
  const at = new Date(iso);
  const sameDay = at.toDateString() === new Date(nowMs).toDateString();
  return new Intl.DateTimeFormat(
    language,
    sameDay
      ? { hour: "2-digit", minute: "2-digit" }
      : { year: "2-digit", month: "numeric", day: "numeric" },
  ).format(at);
}

export function numberText(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value);
}

export function sizeText(bytes: number, language: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: units[unit] ?? "byte",
    unitDisplay: "narrow",
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  }).format(value);
}

/** Return up to two initials (one character for Chinese names). */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = words[0] ?? "";
  if (/\p{Script=Han}/u.test(first)) return first.slice(0, 1);
  const last = words.length > 1 ? (words[words.length - 1] ?? "") : "";
  return (first.slice(0, 1) + last.slice(0, 1)).toUpperCase();
}

/** Return minutes as days or hours where they are whole ones: "3 days"; "" otherwise. */
export function longText(minutes: number, language: string): string {
  const [unit, value] =
    minutes % 1440 === 0 ? (["day", minutes / 1440] as const) : (["hour", minutes / 60] as const);
  if (value < 1 || !Number.isInteger(value)) return "";
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(
    value,
  );
}
