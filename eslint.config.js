import neostandard from 'neostandard'

export default neostandard({
  ts: true,
  ignores: ['dist/**', '.tap/**', '.data/**', 'sdk/src/schema.d.ts', 'migrations/**']
})
