import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ts from 'typescript'
import { transpileService } from '../harness/compile.js'
import type { Compiled } from '../harness/compile.js'
import { packageFile } from '../../src/package-file.js'

/** Compiles the service, and beside it the servers that it is compared with: all sides run as plain JavaScript. */
export async function compile (): Promise<Compiled> {
  const compiled = await transpileService()
  const source = packageFile('tools/bench/servers')
  const target = join(compiled.folder, 'tools', 'bench', 'servers')
  await mkdir(target, { recursive: true })
  for (const name of await readdir(source)) {
    const { outputText } = ts.transpileModule(await readFile(join(source, name), 'utf8'), {
      fileName: name, compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ES2022 }
    })
    await writeFile(join(target, name.replace(/\.ts$/, '.js')), outputText)
  }
  return compiled
}
