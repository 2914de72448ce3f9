import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Service } from './service.js'
import { ADMIN_TOKEN, SESSION_SECRET } from './service.js'

const run = promisify(execFile)

export interface CommandResult { code: number, stdout: string, stderr: string }

/** Runs a script of ours as a person would, on the database and the stand-ins of a service. */
export async function runScript (service: Service, script: string, args: string[]): Promise<CommandResult> {
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'test',
    DATABASE_URL: service.connectionString,
    AFFITOR_API_URL: service.affitor.url,
    AFFITOR_API_KEY: service.affitor.apiKey,
    AFFITOR_PROGRAM_ID: service.affitor.programId,
    STRIPE_API_URL: service.stripe.url,
    STRIPE_SECRET_KEY: service.stripe.secretKey,
    STRIPE_WEBHOOK_SECRET: service.stripe.webhookSecret,
    SESSION_SECRET,
    ADMIN_TOKEN
  }
  try {
    const { stdout, stderr } = await run(process.execPath, ['--import=tsx', `scripts/${script}.ts`, ...args], { env })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number, stdout: string, stderr: string }
    return { code, stdout, stderr }
  }
}
