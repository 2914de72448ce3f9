import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'

/**
 * The links of a built site that lead nowhere: to a file that is not there, or to a place that its page does not have.
 * VitePress finds the former in Markdown; places, images and what the theme links to it does not look at.
 * @param folder the built site
 * @param base the path under which it is served
 */
export async function deadLinks (folder: string, base = '/'): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).filter(name => name.endsWith('.html'))
  const pages = new Map(await Promise.all(names.map(async name => [name, await readFile(join(folder, name), 'utf8')] as const)))
  const places = new Map([...pages].map(([name, html]) => [name, new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id))]))
  const found: string[] = []
  for (const [name, html] of pages) {
    for (const [, address = ''] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      if (/^([a-z]+:|\/\/)/.test(address)) continue
      const [path = '', place] = decodeURIComponent(address.replaceAll('&amp;', '&')).split('#')
      const file = fileOf(path, name, base)
      if (file === undefined || !existsSync(join(folder, file))) found.push(`${name}: ${address}`)
      else if (place !== undefined && place !== '' && places.get(file)?.has(place) === false) found.push(`${name}: ${address}`)
    }
  }
  return found
}

/** Pages of a built site that have no title: Vue shows nothing of what it fails at, and the build goes on. */
export async function emptyPages (folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).filter(name => name.endsWith('.html') && name !== '404.html')
  const texts = await Promise.all(names.map(async name => await readFile(join(folder, name), 'utf8')))
  return names.filter((_name, index) => texts[index]?.includes('<h1') !== true)
}

function fileOf (path: string, from: string, base: string): string | undefined {
  if (path === '') return from
  if (path.startsWith('/') && !path.startsWith(base)) return undefined
  const file = path.startsWith('/') ? path.slice(base.length) : normalize(join(dirname(from), path))
  if (file === '' || file === '.' || file.endsWith('/')) return join(file, 'index.html')
  return /\.\w+$/.test(file) ? file : `${file}.html`
}
