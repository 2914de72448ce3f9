import { fieldsOf, namesIn, typeOf } from './schema-words.js'
import type { Schema, Schemas } from './schema-words.js'

interface Content { schema?: Schema, example?: unknown, examples?: Record<string, { value: unknown }> }
interface Answer { $ref?: string, description?: string, content?: Record<string, Content> }
interface Parameter { name: string, in: string, required?: boolean, description?: string, schema: Schema }
interface Operation {
  operationId: string
  summary: string
  description?: string
  tags: string[]
  parameters?: Parameter[]
  requestBody?: { content: Record<string, Content> }
  security?: Array<Record<string, string[]>>
  responses: Record<string, Answer>
}

/** What is read of the OpenAPI document. */
export interface ApiDocument {
  tags: Array<{ name: string, description: string }>
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Schemas, responses: Record<string, Answer>, securitySchemes: Record<string, { description: string }> }
}

export interface ReferencePage {
  /** A tag of the document, or `schemas`. */
  name: string
  /** Markdown. */
  content: string
}

/** The API reference: a page a tag, and one of all schemas. */
export function referencePages (document: ApiDocument): ReferencePage[] {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
  const pages = document.tags.map(({ name, description }) => ({
    name,
    content: [`# API: ${name}`, `${description} Generated from the OpenAPI document.`,
      ...operations.filter(({ operation }) => operation.tags.includes(name)).map(({ path, method, operation }) => operationWords(document, method, path, operation))
    ].join('\n\n')
  }))
  return [...pages, { name: 'schemas', content: schemasPage(document.components.schemas) }]
}

function operationWords (document: ApiDocument, method: string, path: string, operation: Operation): string {
  const { operationId, summary, description = '', parameters = [], requestBody, security = [], responses } = operation
  const [[, body] = []] = Object.entries(requestBody?.content ?? {})
  return [
    `## ${summary} {#${operationId}}`,
    `\`${method.toUpperCase()} ${path}\`, operation \`${operationId}\``,
    description,
    accessWords(document, security),
    parameters.length > 0 ? `### Parameters of ${operationId}\n\n${parameterRows(parameters)}` : '',
    body === undefined ? '' : `### Body of ${operationId}\n\n${bodyWords(document, body)}`,
    `### Answers of ${operationId}\n\n${answerRows(document, responses)}`,
    exampleOf(responses)
  ].filter(Boolean).join('\n\n')
}

/** Any one of them will do. */
function accessWords ({ components }: ApiDocument, security: Array<Record<string, string[]>>): string {
  const ways = security.flatMap(way => Object.keys(way)).map(name => components.securitySchemes[name]?.description ?? name)
  return ways.length === 0 ? 'Anyone may call it.' : `Needs: ${[...new Set(ways)].join(' Or: ')}`
}

function parameterRows (parameters: Parameter[]): string {
  return ['| parameter | in | type | |', '| --- | --- | --- | --- |', ...parameters.map(({ name, in: place, required = false, description = '', schema }) =>
    `| \`${name}\`${required ? ', required' : ''} | ${place} | ${typeOf(schema)} | ${inCell(description)} |`)].join('\n')
}

function bodyWords ({ components }: ApiDocument, { schema = {}, example }: Content): string {
  const [name] = namesIn(schema)
  const fields = fieldsOf(name === undefined ? schema : components.schemas[name] ?? {})
  return [name === undefined ? '' : `It is: ${typeOf(schema)}.`, fields, json(example)].filter(Boolean).join('\n\n')
}

function answerRows ({ components }: ApiDocument, responses: Record<string, Answer>): string {
  return ['| status | | schema |', '| --- | --- | --- |', ...Object.entries(responses).map(([status, answer]) => {
    const reference = answer.$ref?.split('/').at(-1)
    const { description = '', content = {} } = reference === undefined ? answer : components.responses[reference] ?? {}
    const [[type, first] = []] = Object.entries(content)
    const codes = Object.keys(first?.examples ?? {}).filter(code => /^[A-Z_]+$/.test(code))
    const words = codes.length > 0 ? codes.map(code => `\`${code}\``).join(', ') : inCell(description)
    return `| ${status} | ${words} | ${first?.schema === undefined ? '' : typeOf(first.schema)}${type === undefined || type === 'application/json' ? '' : ` \`${type}\``} |`
  })].join('\n')
}

function exampleOf (responses: Record<string, Answer>): string {
  const good = Object.entries(responses).find(([status, { content }]) => status.startsWith('2') && content?.['application/json']?.example !== undefined)
  return good === undefined ? '' : `An answer ${good[0]}:\n\n${json(good[1].content?.['application/json']?.example)}`
}

function schemasPage (schemas: Schemas): string {
  return ['# API: schemas', 'Generated from the OpenAPI document. Amounts are integers in the currency\'s smallest unit, times ISO 8601 in UTC.',
    ...Object.entries(schemas).map(([name, schema]) =>
      [`## ${name}`, schema.description ?? '', fieldsOf(schema) || `${typeOf({ ...schema, title: undefined })}.`].filter(Boolean).join('\n\n'))
  ].join('\n\n')
}

function json (value: unknown): string {
  return value === undefined ? '' : `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``
}

const inCell = (text: string) => text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ')
