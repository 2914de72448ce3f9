import { Type } from '@sinclair/typebox'
import type { Static, TSchema } from '@sinclair/typebox'
import Fastify from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { describe, expect, test } from 'tstyche'
import * as schemas from '../../schemas/index.js'
import type { Contract } from './contract.js'

type Named = Omit<typeof schemas, 'components' | 'keywords' | 'ref'>

describe('fastify-affitor/schemas', () => {
  test('each named schema infers the type of its values, and there are no others', () => {
    expect<{ [Name in keyof Named]: Static<Named[Name]> }>().type.toBe<Contract>()
  })
  test('a type has the name of its schema', () => {
    expect<schemas.SaleEvent>().type.toBe<Contract['SaleEvent']>()
    expect<schemas.DeliveryAttempt>().type.toBe<Contract['DeliveryAttempt']>()
    expect<schemas.CustomerStory>().type.toBe<Contract['CustomerStory']>()
  })
  test('a reference keeps the type', () => {
    const app = Fastify().withTypeProvider<TypeBoxTypeProvider>()
    app.post('/alerts', { schema: { body: schemas.ref(schemas.AlertMessage) } }, async request => {
      expect(request.body).type.toBe<Contract['AlertMessage']>()
    })
    const Partner = Type.Object({ name: Type.String(), sales: Type.Array(schemas.ref(schemas.SaleEvent)) })
    app.get('/partners', { schema: { response: { 200: Partner } } }, async (_request, reply) => {
      expect<Parameters<typeof reply.send>[0]>().type.toBe<{ name: string, sales: Array<Contract['SaleEvent']> }>()
      return { name: 'Grace', sales: [] }
    })
  })
  test('all of them can be added to an app', () => {
    expect(schemas.components).type.toBe<readonly TSchema[]>()
  })
})
