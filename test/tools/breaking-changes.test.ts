import { readFile } from 'node:fs/promises'
import t from 'tap'
import { breakingChanges } from '../../tools/generate/breaking-changes/operations.js'

const text = await readFile('openapi.json', 'utf8')
/** The document as it is now; its parts are changed freely by the cases. */
const read = (): any => JSON.parse(text)

t.test('a document breaks no client of itself', async t => {
  t.same(breakingChanges(read(), read()), [])
})

const cases: Array<[what: string, change: (document: any) => void, expected: RegExp]> = [
  ['a removed operation', d => { delete d.paths['/api/login'] }, /POST \/api\/login is gone/],
  ['a removed field of an answer', d => { delete d.components.schemas.CheckoutSession.properties.url }, /201 body\.url is gone/],
  ['a new required field of a request', d => { d.components.schemas.SignupRequest.required.push('affitorClickId') }, /body\.affitorClickId is required now/],
  ['a tighter bound of a request', d => { d.components.schemas.SignupRequest.properties.password.minLength = 12 }, /body\.password: minLength is 12 now, and was 8/],
  ['a value that is not taken any more', d => { d.components.schemas.TrackingState.enum.shift() }, /query parameter state may not be pending any more/],
  ['a value that an answer could not have', d => { d.components.schemas.TrackingState.enum.push('lost') }, /200 body\.events\[\]\.state may now be lost/],
  ['an answer\'s field that may be absent', d => { d.components.schemas.Authentication.required.pop() }, /body\.accessToken may be absent now/],
  ['another success status', d => { const { responses } = d.paths['/api/signup'].post; responses['200'] = responses['201']; delete responses['201'] }, /does not answer 201 any more/],
  ['a new required parameter', d => { d.paths['/api/tracking/summary'].get.parameters = [{ in: 'query', name: 'day', required: true, schema: {} }] }, /new query parameter day is required/],
  ['a removed parameter', d => { d.paths['/api/tracking/events'].get.parameters.pop() }, /query parameter cursor is gone/],
  ['authentication where there was none', d => { d.paths['/health/live'].get.security = [{ operatorToken: [] }] }, /needs authentication now/],
  ['a way to authenticate that is gone', d => { d.paths['/api/checkout'].post.security.pop() }, /sessionCookie is not accepted any more/]
]

for (const [what, change, expected] of cases) {
  t.test(`${what} breaks clients`, async t => {
    const changed = read()
    change(changed)
    t.match(breakingChanges(read(), changed).join('\n'), expected)
  })
}

t.test('what clients need not know of breaks none', async t => {
  const changed = read()
  changed.components.schemas.SignupRequest.properties.nickname = { type: 'string' }
  changed.components.schemas.CheckoutSession.properties.expiresAt = { type: 'string' }
  changed.components.schemas.SignupRequest.properties.password.minLength = 6
  changed.paths['/api/profile'] = { post: { responses: {} } }
  t.same(breakingChanges(read(), changed), [])
})
