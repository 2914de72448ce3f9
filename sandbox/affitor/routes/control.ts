import type { FastifyInstance } from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import { BehaviourSchema } from '../behaviour.js'
import type { SandboxContext } from '../context.js'

const BehaviourReport = Type.Object({
  behaviour: BehaviourSchema,
  remaining: Type.Union([Type.Integer(), Type.Null()], { description: 'Calls left; null: until it is changed' })
})
const ErrorBody = Type.Object({ error: Type.String() })

/** How a person or a test looks into the stand-in and makes it misbehave. Affitor has nothing like it. */
export async function controlRoutes (instance: FastifyInstance, { state, program, behaviours, save }: SandboxContext): Promise<void> {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>()
  const report = () => ({ behaviour: behaviours.current, remaining: behaviours.remaining ?? null })

  app.get('/_sandbox/state', async () => ({
    programId: program.id,
    partners: [...program.partners.values()],
    ...state.records,
    callCount: state.calls.count,
    calls: state.calls.list()
  }))

  app.delete('/_sandbox/state', async (_request, reply) => {
    state.clear()
    await save()
    return await reply.code(204).send()
  })

  app.get('/_sandbox/behaviour', { schema: { response: { 200: BehaviourReport } } }, async () => report())

  app.post('/_sandbox/behaviour', {
    schema: { body: BehaviourSchema, response: { 200: BehaviourReport, 400: ErrorBody } }
  }, async (request, reply) => {
    try {
      behaviours.set(request.body)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return await reply.code(400).send({ error: error.message })
    }
    return report()
  })

  app.delete('/_sandbox/behaviour', async (_request, reply) => {
    behaviours.set({})
    return await reply.code(204).send()
  })
}
