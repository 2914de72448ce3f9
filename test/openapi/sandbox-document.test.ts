import { readFile } from 'node:fs/promises'
import type { OpenAPIV3_1 } from 'openapi-types'
import t from 'tap'
import { loadConfig } from '../../src/service/config.js'
import { docsPage } from '../../src/service/openapi/docs-page.js'
import { docsSandbox } from '../../src/service/openapi/docs-sandbox.js'
import { inSandbox } from '../../src/service/openapi/sandbox-document.js'

const document = JSON.parse(await readFile('openapi.json', 'utf8')) as OpenAPIV3_1.Document

function sandboxOf (variables: Record<string, string> = {}) {
  return docsSandbox(loadConfig({ DATABASE_URL: 'postgres://localhost/unused', ...variables }))
}

function schemes (copy: object): string {
  return JSON.stringify((copy as OpenAPIV3_1.Document).components?.securitySchemes)
}

t.test('a sandbox\'s page tells the tokens that are made up, and none that somebody has set', async t => {
  const told = schemes(inSandbox(document, sandboxOf()))
  t.match(told, /enter `sandbox-admin-token`/)
  t.match(told, /enter `sandbox-api-token`/)
  const own = schemes(inSandbox(document, sandboxOf({ ADMIN_TOKEN: 'a-token-of-somebody', API_TOKEN: 'another-of-somebody' })))
  t.notMatch(own, /somebody/)
  t.notMatch(own, /: enter/)
})

t.test('the document itself tells no token, and a page of real accounts has it as it is, and signs nothing', async t => {
  t.notMatch(JSON.stringify(document), /sandbox-(admin|api)-token|whsec_/)
  const { transformSpecification, theme, uiConfig } = docsPage(undefined)
  t.equal(transformSpecification, undefined)
  t.equal(uiConfig?.requestInterceptor, undefined)
  t.same(theme?.js?.map(({ filename }) => filename), ['plugin.js'])
})

t.test('whoever opens a sandbox\'s page again signs up and reports under new ids, the same in every operation', async t => {
  const bodyOf = (copy: object, path: string) => {
    const { requestBody } = (copy as OpenAPIV3_1.Document).paths?.[path]?.post ?? {}
    return (requestBody as OpenAPIV3_1.RequestBodyObject).content['application/json']?.example as Record<string, unknown>
  }
  const copy = inSandbox(document, sandboxOf())
  t.not(bodyOf(copy, '/api/signup').email, bodyOf(document, '/api/signup').email)
  t.equal(bodyOf(copy, '/api/login').email, bodyOf(copy, '/api/signup').email)
  t.not(bodyOf(copy, '/api/sales').transactionId, bodyOf(document, '/api/sales').transactionId)
  t.equal(bodyOf(copy, '/api/refunds').saleTransactionId, bodyOf(copy, '/api/sales').transactionId)
  t.equal(bodyOf(copy, '/api/leads').customerKey, bodyOf(copy, '/api/sales').customerKey)
  t.equal(bodyOf(document, '/api/signup').email, 'ada@example.com', 'the document stays as it is')
})

t.test('a link leads to an operation, by a parameter that it has', async t => {
  const operations = Object.values(document.paths ?? {}).flatMap(path => Object.values(path ?? {})) as OpenAPIV3_1.OperationObject[]
  const links = operations.flatMap(({ responses = {} }) => Object.values(responses).flatMap(response => Object.values((response as OpenAPIV3_1.ResponseObject).links ?? {})))
  t.ok(links.length >= 10, `${links.length} links`)
  for (const { operationId, parameters = {} } of links as OpenAPIV3_1.LinkObject[]) {
    const target = operations.find(operation => operation.operationId === operationId)
    const names = (target?.parameters as OpenAPIV3_1.ParameterObject[] | undefined)?.map(({ name }) => name) ?? []
    for (const name of Object.keys(parameters)) t.ok(names.includes(name), `${operationId} takes ${name}`)
  }
})
