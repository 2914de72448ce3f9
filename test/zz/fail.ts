import t from 'tap'
import { createTestDatabase } from '../helpers/database.js'
t.test('x', async t => { await createTestDatabase(t); t.fail('no') })
