import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import dockerignore from '@balena/dockerignore'

/**
 * Copies what an engine would be given of a project: what `.dockerignore` lets through, committed or not.
 * @returns how many files that are
 */
export async function copyContext (project: string, target: string): Promise<number> {
  const patterns = await readFile(join(project, '.dockerignore'), 'utf8')
  const files = await contextFiles(project, patterns)
  // One after the other: as quick, and it never has more than one file open.
  for (const file of files) await cp(join(project, file), join(target, file), { verbatimSymlinks: true })
  return files.length
}

/** The files of a project that the patterns of a `.dockerignore` let through, in order. */
export async function contextFiles (project: string, patterns: string): Promise<string[]> {
  // Its types say, as its code does, that the function is its own `default` too.
  const ignore = dockerignore.default().add(patterns)
  // As an engine does: an ignored folder is entered only if a pattern may bring back something in it.
  const kept = patterns.split('\n').filter(line => line.startsWith('!')).map(line => line.slice(1).trim().replace(/^\/|\/$/g, ''))
  const mayHold = (folder: string) => kept.some(pattern => pattern.startsWith(`${folder}/`) || /[*?[]/.test(pattern))
  const files: string[] = []
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(project, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (!entry.isDirectory()) {
        if (!ignore.ignores(path)) files.push(path)
      } else if (!ignore.ignores(path) || mayHold(path)) {
        await walk(path)
      }
    }
  }
  await walk('')
  return files.sort()
}
