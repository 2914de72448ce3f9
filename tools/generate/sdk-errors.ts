import { STATUS_CODES } from 'node:http'
import { ERRORS } from '../../schemas/error.js'

const GENERATED = '// Generated from openapi.json by `npm run generate`.\n\n'

/** A class of errors for each status that the service answers failures with: its name, and the codes that it may have. */
const classes = [...new Set(Object.values(ERRORS).map(([status]) => status))].sort((a, b) => a - b).map(status => ({
  status,
  name: `${(STATUS_CODES[status] ?? '').replaceAll(/\W/g, '').replace(/Error$/, '')}Error`,
  codes: Object.entries(ERRORS).filter(([, [other]]) => other === status).map(([code]) => code)
}))

/** `sdk/error-classes.js`. */
export function sdkErrorClasses (): string {
  return `${GENERATED}import { AffitorServiceError } from './errors.js'

${classes.map(({ status, name }) => `export class ${name} extends AffitorServiceError {\n  static status = ${status}\n  name = '${name}'\n}`).join('\n\n')}
`
}

/** Its types, `sdk/error-classes.d.ts`. */
export function sdkErrorTypes (): string {
  return `${GENERATED}import type { AffitorServiceError, UnknownCode } from './index.js'

${classes.map(({ status, name, codes }) => `/** Answered ${status}. */
export class ${name} extends AffitorServiceError<${codes.map(code => `'${code}'`).join(' | ')} | UnknownCode> {
  static readonly status: ${status}
}`).join('\n')}
`
}

/** All that the client exports, for who uses `require`: `sdk/index.d.cts`. */
export function sdkTypesOfRequire (): string {
  const exported = ['AffitorServiceError', 'ConnectionError', ...classes.map(({ name }) => name)]
  return `${GENERATED}import type * as client from './index.js' with { 'resolution-mode': 'import' }

export type * from './index.js' with { 'resolution-mode': 'import' }
export declare const createClient: typeof client.createClient
${exported.map(name => `export declare const ${name}: typeof client.${name}\nexport type ${name} = client.${name}`).join('\n')}
`
}
