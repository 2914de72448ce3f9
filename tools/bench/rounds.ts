import type { Setting } from './setting.js'

/**
 * Measures every side once a round, one after the other and each time another one first, after a round that only warms
 * up. Whatever else the machine does meanwhile is then spread over all sides. A quick run has one round and no warm-up.
 * @param warmUp false where each measurement starts its own processes
 * @returns one figure a round for each side
 */
export async function inTurns<Name extends string, Figure> (
  { quick, checkpoint }: Setting, rounds: number, sides: Record<Name, () => Promise<Figure>>, warmUp = true
): Promise<Record<Name, Figure[]>> {
  const names = Object.keys(sides) as Name[]
  const figures = Object.fromEntries(names.map(name => [name, []])) as unknown as Record<Name, Figure[]>
  for (let round = warmUp && !quick ? 0 : 1; round <= (quick ? 1 : rounds); round++) {
    for (let place = 0; place < names.length; place++) {
      const name = names[(place + round) % names.length] as Name
      // No side is to pay for another one's writes.
      await checkpoint()
      const figure = await sides[name]()
      if (round > 0) figures[name].push(figure)
    }
  }
  return figures
}
