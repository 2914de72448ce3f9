const REDACTED = '[key]'

/**
 * What looks like a key of Affitor's, whosever: `aff_...` is a program's, `affk_...` an account's; and what stands after
 * "Bearer", if it has a digit, which words have not.
 */
const KEYS = [/\baffk?_[^\s"'<>,;()\\]{4,}/gi, /(?<=\bbearer\s+)(?=[^\s"'<>,;()\\]*\d)[^\s"'<>,;()\\]{8,}/gi]

export type Redact = <T>(foreign: T) => T

/**
 * Returns a function that takes keys out of what Affitor said: it is kept in the ledger, and shown. Of a JSON value it
 * changes all texts in place, and the names of properties.
 * @param apiKey never let through, whatever it looks like
 */
export function redactor (apiKey: string): Redact {
  const own = [apiKey, encodeURIComponent(apiKey)].map(key => new RegExp(key.replace(/\W/g, '\\$&'), 'gi'))
  const redactText = (text: string) => [...own, ...KEYS].reduce((rest, key) => rest.replace(key, REDACTED), text)

  function redactParts (root: object): void {
    // By a list of what is left, as the value may be nested deeper than the stack.
    for (const left: object[] = [root]; ;) {
      const node = left.pop() as Record<string, unknown> | undefined
      if (node === undefined) return
      for (const [name, part] of Object.entries(node)) {
        const newName = Array.isArray(node) ? name : redactText(name)
        if (newName !== name) delete node[name]
        if (newName !== name || typeof part === 'string') node[newName] = typeof part === 'string' ? redactText(part) : part
        if (typeof part === 'object' && part !== null) left.push(part)
      }
    }
  }

  return <T>(foreign: T): T => {
    if (typeof foreign === 'string') return redactText(foreign) as T
    if (typeof foreign === 'object' && foreign !== null) redactParts(foreign)
    return foreign
  }
}
