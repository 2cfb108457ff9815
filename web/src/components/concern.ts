/** How much something needs a person: nothing, soon, now. The only use of colour for figures. */
export type Concern = "none" | "soon" | "now";

/** Return the colour of a concern; dark enough on light, light enough on dark (WCAG AA). */
export function concernColor(concern: Concern): string | undefined {
  if (concern === "now")
    return "light-dark(var(--mantine-color-red-8), var(--mantine-color-red-4))";
  if (concern === "soon")
    return "light-dark(var(--mantine-color-orange-9), var(--mantine-color-orange-4))";
  return undefined;
}

/** Return the concern for a value that is worse the higher it is. */
export function rising(value: number | null | undefined, soon: number, now: number): Concern {
  if (value == null) return "none";
  if (value >= now) return "now";
  return value >= soon ? "soon" : "none";
}

/** Return the concern for a value that is worse the lower it is. */
export function falling(value: number | null | undefined, soon: number, now: number): Concern {
  if (value == null) return "none";
  if (value < now) return "now";
  return value < soon ? "soon" : "none";
}
