/** Moves in an ordered list. */

/** Return the list with the thing at `index` one place up (-1) or down (1). */
export function moved<V>(list: readonly V[], index: number, by: -1 | 1): V[] {
  const other = index + by;
  if (other < 0 || other >= list.length) return [...list];
  return list.map((thing, place) => {
    if (place === index) return list[other] as V;
    return place === other ? (list[index] as V) : thing;
  });
}
