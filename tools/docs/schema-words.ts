/** What is read of a schema of the OpenAPI document. */
export interface Schema {
  $ref?: string
  title?: string | undefined
  description?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  oneOf?: Schema[]
  anyOf?: Schema[]
  allOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  format?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  default?: unknown
}

export type Schemas = Record<string, Schema>

/** Names of the schemas that it refers to. */
export function namesIn (schema: Schema): string[] {
  const own = schema.$ref === undefined ? [] : [nameOf(schema.$ref)]
  return [...own, ...[...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])].flatMap(namesIn)]
}

/** What a value may be, in Markdown that fits into a cell of a table. */
export function typeOf (schema: Schema): string {
  if (schema.$ref !== undefined) return `[${nameOf(schema.$ref)}](schemas.md#${nameOf(schema.$ref).toLowerCase()})`
  const choices = schema.oneOf ?? schema.anyOf
  if (choices !== undefined) return choices.map(typeOf).join(' or ')
  if (schema.allOf !== undefined) return schema.allOf.map(typeOf).join(' with ')
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const])
  if (values !== undefined) return values.map(value => `\`${JSON.stringify(value)}\``).join(', ')
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`
  const kinds = [schema.type ?? 'anything'].flat()
  return `${kinds.join(' or ')}${boundsOf(schema, kinds)}`
}

/** A table of an object's fields; empty for what has none. */
export function fieldsOf ({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(([name, schema]) => {
    const by = schema.default === undefined ? '' : ` Default: \`${JSON.stringify(schema.default)}\`.`
    return `| \`${name}\`${required.includes(name) ? '' : ', optional'} | ${typeOf(schema)} | ${(schema.description ?? '').replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ')}${by} |`
  })
  return rows.length === 0 ? '' : ['| field | type | |', '| --- | --- | --- |', ...rows].join('\n')
}

function boundsOf ({ format, minimum, maximum, minLength, maxLength }: Schema, kinds: string[]): string {
  const [from, to] = kinds.includes('string') ? [minLength, maxLength] : [minimum, maximum]
  const unit = kinds.includes('string') ? ' characters' : ''
  const known = to === undefined || to >= Number.MAX_SAFE_INTEGER ? from === undefined ? '' : `from ${from}${unit}` : `${from === undefined ? 'up' : from} to ${to}${unit}`
  return [format ?? '', known].filter(Boolean).map(text => `, ${text}`).join('')
}

function nameOf (reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1)
}
