export interface StartTag {
  /** Lower case. */
  name: string
  /** By name in lower case; of one that is written twice, the first. */
  attributes: Map<string, string>
}

/** Elements whose content is text and no tags, as browsers that run scripts have it. */
const TEXT_ELEMENTS = new Set(['script', 'style', 'textarea', 'title', 'noscript', 'iframe', 'noembed', 'noframes', 'xmp'])

const TAG_NAME = /<([a-z][^\s/>]*)/iy
const END_TAG = /<\/([a-z][^\s/>]*)/iy
const ATTRIBUTE = /[\s/]*([^\s/>=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/y

/**
 * The start tags of a page's HTML that make elements: none of comments, of text, of `<noscript>` and of `<template>`.
 * https://html.spec.whatwg.org/multipage/parsing.html, as far as whole pages need it
 */
export function startTags (html: string): StartTag[] {
  const tags: StartTag[] = []
  let templates = 0
  for (let at = html.indexOf('<'); at !== -1; at = html.indexOf('<', at)) {
    if (html.startsWith('<!--', at)) {
      at = after(html, '-->', at + 2)
      continue
    }
    const [, ending] = matchAt(END_TAG, html, at) ?? []
    if (ending !== undefined && ending.toLowerCase() === 'template') templates = Math.max(0, templates - 1)
    const [opening, rawName] = matchAt(TAG_NAME, html, at) ?? []
    if (opening === undefined || rawName === undefined) {
      at++
      continue
    }
    const name = rawName.toLowerCase()
    const { attributes, end } = readAttributes(html, at + opening.length)
    if (templates === 0) tags.push({ name, attributes })
    if (name === 'template') templates++
    at = TEXT_ELEMENTS.has(name) ? endOfText(html, name, end) : end
  }
  return tags
}

function readAttributes (html: string, from: number): { attributes: Map<string, string>, end: number } {
  const attributes = new Map<string, string>()
  let end = from
  for (let found = matchAt(ATTRIBUTE, html, end); found !== null; found = matchAt(ATTRIBUTE, html, end)) {
    const [whole, name = '', ...values] = found
    const key = name.toLowerCase()
    if (!attributes.has(key)) attributes.set(key, decode(values.find(value => value !== undefined) ?? ''))
    end += whole.length
  }
  return { attributes, end: after(html, '>', end) }
}

function matchAt (pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function after (html: string, text: string, from: number): number {
  const found = html.indexOf(text, from)
  return found === -1 ? html.length : found + text.length
}

function endOfText (html: string, name: string, from: number): number {
  const end = new RegExp(`</${name}[\\s/>]`, 'gi')
  end.lastIndex = from
  return end.exec(html)?.index ?? html.length
}

const NAMED: Record<string, string> = { amp: '&', quot: '"', apos: '\'', lt: '<', gt: '>' }

/** Of the named characters, those that templates write into attributes. */
function decode (value: string): string {
  return value.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(amp|quot|apos|lt|gt));/gi, (written, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? written
    const point = hex !== undefined ? parseInt(hex, 16) : Number(decimal)
    return point <= 0x10ffff ? String.fromCodePoint(point) : written
  })
}
