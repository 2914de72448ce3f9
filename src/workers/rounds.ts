/**
 * Splits items into rounds: in none of them do two share a key, and of two that do, the first comes in an earlier one.
 */
export function inRounds<Item> (items: Item[], keysOf: (item: Item) => string[]): Item[][] {
  const rounds: Array<{ items: Item[], keys: Set<string> }> = []
  for (const item of items) {
    const keys = keysOf(item)
    const behind = rounds.findLastIndex(round => keys.some(key => round.keys.has(key)))
    const round = rounds[behind + 1] ?? { items: [], keys: new Set() }
    if (behind + 1 === rounds.length) rounds.push(round)
    round.items.push(item)
    for (const key of keys) round.keys.add(key)
  }
  return rounds.map(({ items: together }) => together)
}
