import qs from 'qs'
import { invalidRequest, parameterMissing, parameterUnknown, StripeSandboxError } from './errors.js'

/** A value of a form-encoded body or query string. */
export type FormValue = string | FormValue[] | Form

/** A form: `a[b][0]=c` nests. */
export interface Form { [name: string]: FormValue | undefined }

/** Parses a form-encoded body or a query string as Stripe reads it. */
export function parseForm (text: string): Form {
  // Objects without a prototype: `metadata[constructor]` is a key like any other.
  return qs.parse(text, { arrayLimit: 100, depth: 10, parameterLimit: 2000, plainObjects: true }) as Form
}

/** The form in a parsed body or query; an absent one is empty. */
export function asForm (value: unknown): Form {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Form : {}
}

/** The name of a nested parameter: `nested('line_items[0]', 'price')`. */
export function nested (parent: string, name: string): string {
  return parent === '' ? name : `${parent}[${name}]`
}

/** Refuses parameters outside the list. */
export function refuseUnknown (form: Form, known: Iterable<string>, parent = ''): void {
  const names = new Set(known)
  for (const name of Object.keys(form)) {
    if (!names.has(name)) throw parameterUnknown(nested(parent, name))
  }
}

/** A text parameter, or undefined. An empty one is refused: to Stripe it means "unset". */
export function readString (form: Form, name: string, options: { max?: number, parent?: string } = {}): string | undefined {
  const value = form[name]
  const param = nested(options.parent ?? '', name)
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw invalidRequest('Invalid string: ' + JSON.stringify(value), param)
  if (value === '') throw emptyParameter(param)
  const max = options.max ?? 5000
  if (value.length > max) throw invalidRequest(`Invalid string: ${shorten(value)}; must be at most ${max} characters`, param)
  return value
}

/** A text parameter that must be there. */
export function requireString (form: Form, name: string, options: { max?: number, parent?: string } = {}): string {
  const value = readString(form, name, options)
  if (value === undefined) throw parameterMissing(nested(options.parent ?? '', name))
  return value
}

/** One of a set of words, or undefined. */
export function readChoice<T extends string> (
  form: Form, name: string, choices: readonly T[], parent = ''
): T | undefined {
  const value = readString(form, name, { parent })
  if (value === undefined) return undefined
  const choice = choices.find((candidate) => candidate === value)
  if (choice === undefined) {
    const last = choices.at(-1) ?? ''
    const words = choices.length > 2 ? `${choices.slice(0, -1).join(', ')}, or ${last}` : choices.join(' or ')
    throw invalidRequest(`Invalid ${name}: must be one of ${words}`, nested(parent, name))
  }
  return choice
}

/** A whole number of at least `min`, or undefined. */
export function readInteger (
  form: Form, name: string, options: { min?: number, max?: number, parent?: string } = {}
): number | undefined {
  const value = readString(form, name, options.parent === undefined ? {} : { parent: options.parent })
  const param = nested(options.parent ?? '', name)
  if (value === undefined) return undefined
  if (!/^-?\d{1,15}$/.test(value)) throw invalidRequest(`Invalid integer: ${shorten(value)}`, param, 'parameter_invalid_integer')
  const number = Number(value)
  if (options.min !== undefined && number < options.min) {
    throw invalidRequest(`This value must be greater than or equal to ${options.min}.`, param, 'parameter_invalid_integer')
  }
  if (options.max !== undefined && number > options.max) {
    throw invalidRequest(`This value must be less than or equal to ${options.max}.`, param, 'parameter_invalid_integer')
  }
  return number
}

/** `true` or `false`, or undefined. */
export function readBoolean (form: Form, name: string, parent = ''): boolean | undefined {
  const value = readString(form, name, { parent })
  if (value === undefined) return undefined
  if (value !== 'true' && value !== 'false') throw invalidRequest(`Invalid boolean: ${shorten(value)}`, nested(parent, name))
  return value === 'true'
}

/** A nested form, or undefined. */
export function readObject (form: Form, name: string, parent = ''): Form | undefined {
  const value = form[name]
  if (value === undefined) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) throw invalidRequest('Invalid object', nested(parent, name))
  return value
}

/** A list, or undefined; `a[0]=..` and `a[]=..` both make one. */
export function readList (form: Form, name: string): FormValue[] | undefined {
  const value = form[name]
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw invalidRequest('Invalid array', name)
  return value
}

/** An absolute web address, or undefined. */
export function readUrl (form: Form, name: string): string | undefined {
  const value = readString(form, name)
  if (value === undefined) return undefined
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) {
    throw invalidRequest('Invalid URL: An explicit scheme (such as https) must be provided.', name, 'url_invalid')
  }
  if (!URL.canParse(value) || !/^https?:/i.test(value)) throw invalidRequest('Not a valid URL', name, 'url_invalid')
  return value
}

function emptyParameter (param: string): StripeSandboxError {
  return invalidRequest(
    `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however ` +
    `'${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`,
    param, 'parameter_invalid_empty'
  )
}

function shorten (value: string): string {
  return value.length > 20 ? `${value.slice(0, 10)}...${value.slice(-10)}` : value
}
