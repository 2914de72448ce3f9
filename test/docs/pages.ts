import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fencesOf } from '../../tools/harness/fences.js'
import type { Fence } from '../../tools/harness/fences.js'

export const project = join(import.meta.dirname, '../..')

export interface Block extends Fence {
  /** Path from the project. */
  page: string
  /** Place, for a person. */
  place: string
}

/** Folders whose Markdown is not a page of ours, or is made of openapi.json. */
const FOREIGN = /(^|\/)(node_modules|build|dist|\.\w[^/]*)\/|^docs\/reference\//

/** Every page that somebody reads: Markdown, and llms.txt. */
export async function readPages (): Promise<Array<{ page: string, text: string }>> {
  const tops = ['docs', 'packages', 'sdk', 'examples', 'sandbox', 'tools']
  const below = await Promise.all(tops.map(async top => (await readdir(join(project, top), { recursive: true })).map(name => `${top}/${name.replaceAll('\\', '/')}`)))
  const names = [...await readdir(project), ...below.flat()].filter(name => (name.endsWith('.md') || name === 'llms.txt') && !FOREIGN.test(name)).sort()
  return names.map(page => ({ page, text: readFileSync(join(project, page), 'utf8') }))
}

export async function readBlocks (): Promise<Block[]> {
  return (await readPages()).flatMap(({ page, text }) => fencesOf(text).map(fence => ({ ...fence, page, place: `${page}:${fence.line}` })))
}
