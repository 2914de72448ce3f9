import { readFile } from 'node:fs/promises'
import { prepareFolder } from './cluster.js'
import { applicationName, connectionStringFor } from './connection.js'
import { askServer, readPidFile } from './orphan.js'

/**
 * The connection string of the server that another, live process runs on this data directory; undefined when none
 * does. It ends with that process.
 */
export async function findRunningPostgres (dataDir: string): Promise<string | undefined> {
  const paths = await prepareFolder(dataDir)
  if (await askServer(paths) !== 'owned') return undefined
  const port = (await readPidFile(paths.data))?.port
  const password = (await readFile(paths.password, 'utf8')).trim()
  return port === undefined ? undefined : connectionStringFor({ port, password }, applicationName, applicationName)
}
