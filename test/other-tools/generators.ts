import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Answer } from './journey.js'
import { installed, runOther } from './programs.js'

/** Reads values by a schema, as Zod's do. */
export interface Parser { safeParse (value: unknown): { success: boolean, data?: unknown, error?: { message: string } } }

export interface Generator {
  name: string
  /** Makes its files in a folder. */
  generate (document: string, folder: string): Promise<void>
  /** The file that has its schemas, or leads to them. */
  schemas: string
  /** The name of the schema of an answer; undefined: it makes none. */
  nameOf (answer: Answer & { component: string }): string | undefined
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Writes a tool's settings beside what it makes of them, and runs it. */
async function runWith (folder: string, name: string, args: (file: string) => string[], lines: string[]): Promise<void> {
  await writeFile(join(folder, 'settings.mjs'), lines.join('\n'))
  await runOther(name, args('settings.mjs'), folder)
}

export const generators: Generator[] = [
  {
    name: '@hey-api/openapi-ts',
    generate: (document, folder) => runWith(folder, 'openapi-ts', file => ['--file', file], [
      `export default { input: ${JSON.stringify(document)}, output: 'out', logs: { file: false }, plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk', 'zod'] }`
    ]),
    schemas: 'out/zod.gen.ts',
    nameOf: ({ operationId, status }) => status < 300 ? `z${capitalized(operationId)}Response` : 'zErrorResponse'
  },
  {
    name: 'orval',
    generate: (document, folder) => runWith(folder, 'orval', file => ['--config', file], [
      `const input = ${JSON.stringify(document)}`,
      "export default { zod: { input, output: { client: 'zod', target: 'out/zod.ts' } }, fetch: { input, output: { client: 'fetch', target: 'out/fetch.ts' } } }"
    ]),
    schemas: 'out/zod.ts',
    nameOf: ({ operationId, status }) => status < 300 ? `${capitalized(operationId)}Response` : undefined
  },
  {
    name: 'kubb',
    generate: (document, folder) => runWith(folder, 'kubb', file => ['generate', '--config', file], [
      "import { pluginOas } from '@kubb/plugin-oas'",
      "import { pluginTs } from '@kubb/plugin-ts'",
      "import { pluginZod } from '@kubb/plugin-zod'",
      `export default { root: '.', input: { path: ${JSON.stringify(document)} }, output: { path: './out', format: false, extension: { '.ts': '.js' } }, plugins: [pluginOas(), pluginTs(), pluginZod({ version: '4' })] }`
    ]),
    schemas: 'out/index.ts',
    nameOf: ({ operationId, status }) => `${operationId}${status}Schema`
  },
  {
    name: 'openapi-zod-client',
    async generate (document, folder) {
      await mkdir(join(folder, 'out'))
      const template = join(installed, 'openapi-zod-client/src/templates/schemas-only.hbs')
      await runOther('openapi-zod-client', [document, '--output', 'out/made.ts', '--export-schemas', '--template', template], folder)
      // It knows the third version of Zod, which the fourth has in it.
      await writeFile(join(folder, 'out/schemas.ts'), (await readFile(join(folder, 'out/made.ts'), 'utf8')).replace('from "zod"', 'from "zod/v3"'))
    },
    schemas: 'out/schemas.ts',
    nameOf: ({ component }) => component
  }
]

/** The files that it made, as the compiler takes them. */
export async function sourcesIn (folder: string): Promise<string[]> {
  return (await readdir(join(folder, 'out'), { recursive: true })).filter(name => name.endsWith('.ts') && name !== 'made.ts').map(name => join(folder, 'out', name))
}

export async function parsersOf ({ schemas }: Generator, folder: string): Promise<Record<string, Parser>> {
  const made = await import(pathToFileURL(join(folder, schemas)).href) as Record<string, Parser> & { schemas?: Record<string, Parser> }
  return made.schemas ?? made
}
