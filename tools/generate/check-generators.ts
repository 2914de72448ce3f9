import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '@hey-api/openapi-ts'
import { generateApi } from 'swagger-typescript-api'
import { strictProblems } from '../harness/strict-problems.js'

/**
 * Has generators of others make TypeScript clients from the document, and compiles what they made under strict
 * settings: what they cannot read, our users' generators cannot either.
 */
const DOCUMENT = 'openapi.json'

const generators: Record<string, (output: string) => Promise<unknown>> = {
  'swagger-typescript-api': output => generateApi({ input: DOCUMENT, output, fileName: 'client.ts', silent: true, httpClientType: 'fetch' }),
  '@hey-api/openapi-ts': output => createClient({
    input: DOCUMENT, output, logs: { level: 'silent', file: false }, plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk']
  })
}

// Below the project, so that the compiler finds Node's types.
const folder = await mkdtemp(join(process.cwd(), 'node_modules', '.generated-clients-'))
let failures = 0
try {
  for (const [name, generate] of Object.entries(generators)) {
    const output = join(folder, name.replace(/\W/g, '-'))
    await generate(output)
    const files = (await readdir(output, { recursive: true })).filter(file => file.endsWith('.ts')).map(file => join(output, file))
    const problems = strictProblems(files)
    console.log(`${name}: ${files.length} files, ${problems.length} problems`)
    for (const problem of problems) console.log(`  ${problem}`)
    if (files.length === 0 || problems.length > 0) failures++
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
process.exitCode = failures === 0 ? 0 : 1
