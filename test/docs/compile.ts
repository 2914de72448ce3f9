import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { project } from './pages.js'
import type { Block } from './pages.js'

/** Pages whose blocks go on where the one before ended. */
const CONTINUED = ['sdk/README.md']
/** JavaScript says nothing of the types of bodies, variables and parameters: what only follows from that is no fault. */
const UNTYPED = /on type '(unknown|\{\}|object)'|is of type 'unknown'|implicitly has an 'any' type|is possibly '(null|undefined)'|'string \| undefined' is not assignable|stripe: any; \}' is not assignable/

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  strict: true,
  allowJs: true,
  checkJs: true,
  noEmit: true,
  skipLibCheck: true,
  baseUrl: project,
  paths: {
    'fastify-affitor': ['src/index.ts'],
    'fastify-affitor/schemas': ['schemas/index.ts'],
    'fastify-affitor/testing': ['sandbox/testing.ts'],
    'fastify-affitor-client': ['sdk/index.d.ts']
  }
}

/**
 * Compiles blocks of TypeScript and JavaScript: each is a module, and a block that says a file's name is that file, beside
 * the others of its page. What an app around them has is declared in app-around/context.ts.
 * @param folder an empty one, from which the project's packages are found
 * @returns what is wrong, a line each
 */
export async function compileBlocks (folder: string, blocks: Block[]): Promise<string[]> {
  await cp(join(import.meta.dirname, 'app-around/context.ts'), join(folder, 'context.ts'))
  const places = new Map<string, Block>()
  const contents = new Map<string, string>()
  for (const [index, block] of blocks.entries()) {
    const isFile = /\.[jt]s$/.test(block.says)
    const name = isFile ? block.says : CONTINUED.includes(block.page) ? `all.${block.language}` : `block-${index}.${block.language}`
    const file = join(folder, block.page.replace(/\W/g, '_'), name)
    places.set(file, block)
    contents.set(file, (contents.get(file) ?? '') + block.code)
  }
  for (const [file, content] of contents) {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, `${content}export {}\n`)
    const app = join(dirname(file), 'app.d.ts')
    if (!contents.has(join(dirname(file), 'app.js')) && !existsSync(app)) {
      await writeFile(app, 'import type { FastifyInstance } from \'fastify\'\nexport function buildApp (options: unknown): Promise<FastifyInstance>\n')
    }
  }
  const program = ts.createProgram([join(folder, 'context.ts'), ...contents.keys()], options)
  return [...contents.keys()].flatMap(file => {
    const source = program.getSourceFile(file)
    return ts.getPreEmitDiagnostics(program, source).flatMap(diagnostic => {
      const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')
      const block = places.get(file)
      if (block?.language === 'js' && UNTYPED.test(message)) return []
      const line = source?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0
      return `${block?.page}:${CONTINUED.includes(block?.page ?? '') ? '?' : line + (block?.line ?? 0)} ${message} (${relative(folder, file)})`
    })
  })
}
