import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fp from 'fastify-plugin'
import type { OpenAPIV3_1 } from 'openapi-types'
import { components } from '../../../schemas/index.js'
import { describeApi } from '../openapi/description.js'
import type { ApiDescription } from '../openapi/description.js'
import { docsPage } from '../openapi/docs-page.js'
import { keepErrors } from '../openapi/error-responses.js'
import { finishDocument } from '../openapi/finish-document.js'
import { openapi30 } from '../openapi/openapi-3-0.js'
import type { DocsSandbox } from '../openapi/sandbox-document.js'

export interface OpenapiPluginOptions extends ApiDescription {
  /** Only of a sandbox: what its page tells beside. */
  sandbox?: DocsSandbox | undefined
}

/** The document, generated from the routes' schemas, and Swagger UI. Registered before the routes. */
export default fp<OpenapiPluginOptions>(async (app, { sandbox, ...description }) => {
  for (const schema of components) app.addSchema(schema)

  await app.register(swagger, {
    openapi: describeApi(description) as object,
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, i) => String(json.$id ?? `def-${i}`) },
    transform: ({ schema, url }) => ({ schema: keepErrors(schema ?? {}), url }),
    transformObject: documents => 'openapiObject' in documents
      ? finishDocument(documents.openapiObject as Partial<OpenAPIV3_1.Document>) as typeof documents.openapiObject
      : documents.swaggerObject
  })
  await app.register(swaggerUi, docsPage(sandbox))
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
  app.get('/openapi-3.0.json', { schema: { hide: true } }, () => openapi30(app.swagger() as Partial<OpenAPIV3_1.Document>))
}, { name: 'openapi' })
