import { startEmbeddedPostgres } from '../../src/db/embedded.js'
import { withClient, inDatabase } from '../helpers/postgres-server.js'
const s = await startEmbeddedPostgres({ dataDir: '/tmp/epgm', settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', ...(process.argv[2] ? { file_copy_method: process.argv[2] } : {}) } })
await withClient(s.adminConnectionString, async c => {
  await c.query('create database tpl'); await withClient(inDatabase(s.adminConnectionString, 'tpl'), async c => { for (let i=0;i<12;i++) await c.query(`create table t${i} (id bigint generated always as identity primary key, a text unique, b jsonb)`) })
  for (const st of ['wal_log', 'file_copy', 'wal_log', 'file_copy']) {
    let a = performance.now(); for (let i=0;i<10;i++) await c.query(`create database x${st}${i} template tpl strategy ${st}`); const cr=(performance.now()-a)/10
    a = performance.now(); for (let i=0;i<10;i++) await c.query(`drop database x${st}${i} with (force)`); console.log(st, cr.toFixed(1), 'drop', ((performance.now()-a)/10).toFixed(1))
  }
  const a = performance.now(); const n=8
  for (const st of ['wal_log', 'file_copy']) { const a = performance.now(); await Promise.all(Array.from({length:n},(_, i)=> withClient(s.adminConnectionString, c=> c.query(`create database p${st}${i} template tpl strategy ${st}`)))); console.log('8 parallel', st, performance.now()-a) }
})
await s.stop()
