import t from 'tap'
import pg from 'pg'
import { createTestDatabase } from '../helpers/database.js'
t.test('x', async t => {
  for (let i = 0; i < 5; i++) {
    const s = performance.now()
    const d = await createTestDatabase(t)
    t.comment(performance.now() - s, d.name)
    const c = new pg.Client(d.connectionString); await c.connect(); await c.query('create table a(i int)'); 
    t.teardown(() => c.end())
  }
  t.pass('yes')
})
