import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'
import { packageFile } from '../../src/package-file.js'

const project = dirname(packageFile('tsconfig.package.json'))
/** Files of the repository that the site serves at its top. */
export const SERVED = ['llms.txt', 'openapi.json']

/** The id of a heading, as GitHub makes it: pages are read there too, so a link with it must lead to the same place. */
export function slugify (heading: string): string {
  return heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
}

/**
 * Pages are read in the repository too, where they link to sources and tests. On the site such a link leads to the
 * repository, or, as long as nobody has said where that is, is a text that tells its file.
 * @param base the path under which the site is served
 * @param repository where files are, `https://example.com/owner/name/blob/main`
 * @throws while a page is read that links to a file which is not there
 */
export function linkToRepository (md: MarkdownRenderer, base: string, repository: string | undefined): void {
  md.core.ruler.push('link_to_repository', state => {
    const { relativePath = '' } = state.env as { relativePath?: string }
    for (const { children } of state.tokens) {
      let inText = false
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const file = fileOf(token.attrGet('href') ?? '', relativePath)
          if (file === undefined) continue
          if (SERVED.includes(file)) {
            token.attrs = [['href', `${base}${file}`], ['target', '_self']]
          } else if (repository !== undefined) {
            token.attrSet('href', `${repository}/${file}`)
          } else {
            inText = true
            token.attrs = [['class', 'in-repository'], ['title', file]]
            token.tag = 'span'
            token.type = 'span_open'
          }
        } else if (token.type === 'link_close' && inText) {
          inText = false
          token.tag = 'span'
          token.type = 'span_close'
        }
      }
    }
  })
}

/** The file of the repository that a link of a page leads to, unless it leads to another page, or out. */
function fileOf (href: string, page: string): string | undefined {
  if (/^([a-z]+:|[#/])/.test(href)) return undefined
  const [path = ''] = decodeURIComponent(href).split('#')
  const file = normalize(join('docs', dirname(page), path))
  if (file.startsWith('docs/') && /\.(md|svg|png)$/.test(file)) return undefined
  if (!existsSync(join(project, file))) throw new Error(`docs/${page} links to ${href}, which is not there.`)
  return file
}

/** A block that is a file, or is for somewhere else than a terminal, says so above it. */
export function nameFences (md: MarkdownRenderer): void {
  const render = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const [, ...says] = tokens[index]?.info.split(/\s+/) ?? []
    const name = says.join(' ')
    const block = render?.(tokens, index, ...rest) ?? ''
    return /\.\w+$/.test(name) ? `<p class="file-name"><code>${md.utils.escapeHtml(name)}</code></p>${block}` : block
  }
}

/** Vue would read what stands in two braces as a program of its own, and show a page without text. In blocks VitePress sees to it. */
export function showInlineCode (md: MarkdownRenderer): void {
  const render = md.renderer.rules.code_inline
  md.renderer.rules.code_inline = (tokens, index, ...rest) => {
    tokens[index]?.attrSet('v-pre', '')
    return render?.(tokens, index, ...rest) ?? ''
  }
}
