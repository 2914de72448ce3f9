import type { TSchema } from '@sinclair/typebox'
import { Environment } from '../../src/service/config.js'

const introduction = `# Environment

Generated from \`src/service/config.ts\` by \`npm run generate\`. Variables come from the process, then from \`.env\` in the
working directory, then from \`.affitor/.env\`, which Affitor's own command writes. An empty value counts as absent.

Without \`STRIPE_SECRET_KEY\` and \`STRIPE_WEBHOOK_SECRET\`, and unless \`NODE_ENV=production\`, the program runs in
sandbox mode, with local stand-ins for Stripe and Affitor; when Affitor's account is configured already, it says what is
still missing. With either of Stripe's two it runs live: then \`AFFITOR_API_KEY\`, \`AFFITOR_PROGRAM_ID\`,
\`SESSION_SECRET\` and \`ADMIN_TOKEN\` are needed too. \`npm run verify\` says whether all is connected right.

Poolers, roles and TLS of the database: [database.md](database.md).

| variable | default | allowed | what it is for |
| --- | --- | --- | --- |
`

/** The page that explains every variable. */
export function environmentPage (): string {
  const rows = Object.entries(Environment.properties as Record<string, TSchema>).map(([name, schema]) =>
    `| \`${name}\` | ${fallback(schema)} | ${allowed(schema)} | ${cell(String(schema.description))} |`)
  return `${introduction}${rows.join('\n')}\n`
}

function fallback (schema: TSchema): string {
  return schema.default === undefined || schema.default === '' ? '' : `\`${schema.default}\``
}

function allowed (schema: TSchema): string {
  if (schema.anyOf !== undefined) return (schema.anyOf as TSchema[]).map(choice => `\`${choice.const}\``).join(', ')
  if (schema.type === 'boolean') return '`true`, `false`'
  if (schema.separator !== undefined) return 'comma-separated list'
  const low = schema.minimum ?? schema.exclusiveMinimum
  if (schema.type === 'integer' || schema.type === 'number') {
    const bounds = [low === undefined ? '' : schema.exclusiveMinimum === undefined ? `from ${low}` : `above ${low}`, schema.maximum === undefined ? '' : `up to ${schema.maximum}`]
    return `${schema.type === 'integer' ? 'whole number' : 'number'} ${bounds.filter(Boolean).join(' ')}`.trim()
  }
  if (schema.minLength !== undefined) return `at least ${schema.minLength} characters`
  return schema.pattern === undefined ? 'text' : cell(`\`${schema.pattern}\``)
}

function cell (text: string): string {
  return text.replaceAll('|', '\\|')
}
