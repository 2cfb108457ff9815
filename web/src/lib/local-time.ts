/** Instants as the input for a date and a time of the reader's own zone writes and reads them. */

/** Return an instant as a date and time of the reader's own zone, as the input writes it. */
export function localText(at: Date): string {
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/** Return the instant of what the input says, null when it says none to come. */
export function instantOf(text: string, now: Date): string | null {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) || at.getTime() < now.getTime() - 60_000
    ? null
    : at.toISOString();
}
