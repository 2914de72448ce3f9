import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

interface Profile {
  nodes: Array<{ id: number, callFrame: { functionName: string, url: string, lineNumber: number } }>
  samples: number[]
  timeDeltas: number[]
}

const SHOWN = 15

/** The functions in which the profiled processes spent most of their busy time, a line each: share, name, place. */
export async function topFunctions (folder: string): Promise<string[]> {
  const spent = new Map<string, number>()
  for (const name of await readdir(folder).catch(() => [])) {
    const { nodes, samples, timeDeltas } = JSON.parse(await readFile(join(folder, name), 'utf8')) as Profile
    const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]))
    samples.forEach((id, index) => {
      const place = places.get(id) ?? ''
      spent.set(place, (spent.get(place) ?? 0) + (timeDeltas[index] ?? 0))
    })
  }
  for (const idle of ['(idle)', '(root)']) spent.delete(idle)
  const total = [...spent.values()].reduce((sum, time) => sum + time, 0)
  return [...spent].sort(([, a], [, b]) => b - a).slice(0, SHOWN)
    .map(([place, time]) => `${(time / total * 100).toFixed(1).padStart(5)} % ${place}`)
}

function placeOf ({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName
  return url === '' ? name : `${name} ${url.replace(/^file:\/\/.*?\/(node_modules|dist)\//, '')}:${lineNumber + 1}`
}
