import t from 'tap'
import { createTestDatabase } from '../helpers/database.js'
t.test('x', async t => { console.error(await createTestDatabase(t)); await new Promise(r => setTimeout(r, 30000)) })
