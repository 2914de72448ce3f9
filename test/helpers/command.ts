import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { serviceEnvironment } from '../../tools/harness/environment.js'
import { withClient } from './postgres-server.js'
import type { Service } from './service.js'

const run = promisify(execFile)

export interface CommandResult { code: number, stdout: string, stderr: string }

/** Runs a script of ours as a person would, on the database and the stand-ins of a service. */
export async function runScript (service: Service, script: string, args: string[]): Promise<CommandResult> {
  const { connectionString: databaseUrl, affitor, stripe } = service
  const env = { PATH: process.env.PATH, NODE_ENV: 'test', ...serviceEnvironment({ databaseUrl, affitor, stripe }) }
  // A service that is built within a test has not written down what its database is for, as one that is started does.
  await withClient(databaseUrl, client => client.query(
    "insert into installation (mode, affitor_program_id, stripe_livemode) values ('live', $1, false) on conflict do nothing", [affitor.programId]))
  try {
    const { stdout, stderr } = await run(process.execPath, ['--import=tsx', `src/cli/${script}.ts`, ...args], { env })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number, stdout: string, stderr: string }
    return { code, stdout, stderr }
  }
}
