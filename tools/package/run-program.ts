import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * Runs a program; resolves to what it prints.
 * @param environment beside this process's own
 * @throws with all of its output when it fails
 */
export async function run (command: string, args: string[], cwd: string, environment: Record<string, string> = {}): Promise<string> {
  try {
    return (await promisify(execFile)(command, args, { cwd, maxBuffer: 64e6, env: { ...process.env, ...environment } })).stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string, stderr?: string }
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error })
  }
}
