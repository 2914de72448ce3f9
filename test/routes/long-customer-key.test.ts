import t from 'tap'
import { matchError } from '../helpers/errors.js'
import { startService } from '../helpers/service.js'

t.test('a customer key may have 200 characters, also such that take two places in a string', async t => {
  const service = await startService(t)
  for (const character of ['x', '\u00e9', '\u{1f600}']) {
    matchError(t, await service.operator('GET', `/api/tracking/customers/${encodeURIComponent(character.repeat(200))}`), 'NOT_FOUND', /^Nothing is known/, character)
    matchError(t, await service.operator('GET', `/api/tracking/customers/${encodeURIComponent(character.repeat(201))}`), 'INVALID_REQUEST', /./, character)
  }
})
