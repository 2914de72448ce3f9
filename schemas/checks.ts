import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { nullable, oneOf, ref, Timestamp } from './common.js'

export const InstallationCheck = Type.Object({
  check: Type.String({ description: 'Its name, for a program.', examples: ['stripe-endpoint-events'] }),
  status: oneOf(['pass', 'fail', 'skip'], { description: '`fail`: something is wrong. `skip`: it could not be checked.', examples: ['pass'] }),
  message: Type.String({ description: 'What was found, or why it could not be checked.', examples: ['The endpoint sends every event that is needed.'] }),
  fix: nullable(Type.String({ description: 'What to do about it; null unless it failed.', examples: [null] }))
}, {
  $id: 'InstallationCheck',
  title: 'Installation check',
  description: 'One question about the installation, and the answer.',
  additionalProperties: false
})
export type InstallationCheck = Static<typeof InstallationCheck>

export const InstallationChecks = Type.Object({
  checks: Type.Array(ref(InstallationCheck), { description: 'In the order in which they depend on each other.' }),
  checkedAt: Timestamp
}, {
  $id: 'InstallationChecks',
  title: 'Installation checks',
  description: 'Whether everything is connected right.',
  additionalProperties: false
})
export type InstallationChecks = Static<typeof InstallationChecks>
