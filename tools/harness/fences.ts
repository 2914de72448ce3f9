/** A block of code on a page: ```` ```js app.js ```` is of the language `js` and says `app.js`. */
export interface Fence {
  /** Empty where the page names none. */
  language: string
  /** What stands behind the language. */
  says: string
  code: string
  /** Of its first line of code, from 1. */
  line: number
}

/** The blocks of a Markdown page, in its order, also those that are indented in a list. @throws at one that has no end */
export function fencesOf (page: string): Fence[] {
  const lines = page.split('\n')
  const fences: Fence[] = []
  for (let at = 0; at < lines.length; at++) {
    const [, indent = '', ticks, language = '', says = ''] = /^( *)(```+)(\S*) *(.*)$/.exec(lines[at] ?? '') ?? []
    if (ticks === undefined) continue
    const end = lines.findIndex((line, index) => index > at && line.trim() === ticks)
    if (end === -1) throw new Error(`The block at line ${at + 1} has no end.`)
    const code = lines.slice(at + 1, end).map(line => line.startsWith(indent) ? line.slice(indent.length) : line).join('\n')
    fences.push({ language, says: says.trim(), code: `${code}\n`, line: at + 2 })
    at = end
  }
  return fences
}
