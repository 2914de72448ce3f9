import openapiTS, { astToString } from 'openapi-typescript'
import { openapiDocument } from './openapi-document.js'

/** The types of the client SDK, from the document. */
export async function sdkTypes (): Promise<string> {
  const types = astToString(await openapiTS(await openapiDocument(), { defaultNonNullable: false }))
  return `// Generated from openapi.json by \`npm run generate\`.\n\n${types}`
}
