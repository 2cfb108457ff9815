/** Two queues or groups of one name cannot be told apart in the matrix. */

/** Tell whether another thing has this name; `own`: the name it has now. */
export function isTaken(
  others: readonly { name: string }[] | undefined,
  own: string | undefined,
  typed: string,
): boolean {
  const name = typed.trim();
  return name !== own && (others ?? []).some((other) => other.name === name);
}
