#!/usr/bin/env node
import * as migrate from './migrate.js'
import * as setup from './setup.js'
import * as verify from './verify.js'

const commands: Record<string, { summary: string, run (): Promise<void> }> = { migrate, setup, verify }

const USAGE = `Usage: npx fastify-affitor <command> [--help]

${Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`).join('\n')}`

// The command reads its own arguments, which follow its name.
const [name] = process.argv.splice(2, 1)
const command = name === undefined ? undefined : commands[name]
if (command === undefined) {
  const asked = name === undefined || name === '--help' || name === 'help'
  console[asked ? 'log' : 'error'](asked ? USAGE : `There is no command "${name}".\n\n${USAGE}`)
  process.exitCode = asked ? 0 : 1
} else {
  await command.run().catch((error: Error) => {
    console.error(`\n${error.message}\n`)
    process.exitCode = 1
  })
}
