import type { OpenAPIV3_1 } from 'openapi-types'
import { referredTo } from './examples.js'
import type { Schema, Schemas } from './examples.js'

/**
 * The parameters of an operation, as people and tools read them. An example is one of the value, in the schema: explorers send
 * along what stands beside it, and then each filter of a list would be set. What refers to a named schema says itself what
 * the values mean.
 */
export function finishParameters (parameters: OpenAPIV3_1.ParameterObject[], schemas: Schemas): void {
  for (const parameter of parameters) {
    const { example, examples = {} } = parameter
    const schema = (parameter.schema ?? {}) as Schema
    const values = example === undefined ? Object.values(examples).map(each => 'value' in each ? each.value as unknown : undefined) : [example as unknown]
    if (values.length > 0) Object.assign(parameter, { schema: { ...schema, examples: values } })
    delete parameter.example
    delete parameter.examples
    const description = referredTo(schema, schemas)?.description
    if (parameter.description === undefined && description !== undefined) parameter.description = description
  }
}
