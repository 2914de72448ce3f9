import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript'

export interface Reached {
  /** Absolute paths. */
  files: Set<string>
  /** Names of the packages that they import, without Node's own. */
  packages: Set<string>
}

export type Resolve = (specifier: string, from: string) => string | undefined

/**
 * Follows the imports of modules, static and dynamic ones.
 * @param find the file of an import that is no package's; undefined for a package's
 * @throws when an import leads to no file
 */
export async function reach (entries: string[], find: Resolve): Promise<Reached> {
  const files = new Set<string>()
  const packages = new Set<string>()
  const open = [...entries]
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue
    files.add(file)
    const { importedFiles } = ts.preProcessFile(await readFile(file, 'utf8'))
    for (const { fileName: specifier } of importedFiles) {
      const target = find(specifier, file)
      if (target === undefined) addPackage(packages, specifier)
      else if (existsSync(target)) open.push(target)
      else throw new Error(`${file} imports ${specifier}, which is not there.`)
    }
  }
  return { files, packages }
}

/** Imports of compiled modules. `#money` is the package's own. */
export function compiled (root: string): Resolve {
  return (specifier, from) => {
    if (specifier === '#money') return join(root, 'public/money.js')
    return specifier.startsWith('.') ? resolve(dirname(from), specifier) : undefined
  }
}

/** Imports of declarations: what is beside the module. */
export const declared: Resolve = (specifier, from) =>
  specifier.startsWith('.') ? resolve(dirname(from), specifier.replace(/\.js$/, '.d.ts')) : undefined

function addPackage (packages: Set<string>, specifier: string): void {
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) return
  packages.add(specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/'))
}
