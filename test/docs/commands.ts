import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { project } from './pages.js'
import type { Block } from './pages.js'

/** Programs of others, of which a page may say anything. */
const FOREIGN = ['cp', 'openssl', 'pg_dump', 'psql', 'curl', 'bash', 'echo']

const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const { services } = parse(readFileSync(join(project, 'compose.yaml'), 'utf8')) as { services: Record<string, unknown> }
const { files: programs } = JSON.parse(readFileSync(join(project, 'tsconfig.build.json'), 'utf8')) as { files: string[] }

/**
 * What is wrong with the commands of a block, a sentence each: names of scripts, programs, options and files that
 * are not there.
 * @param named files that the block's page has
 */
export function wrongCommands ({ page, code }: Block, named: string[]): string[] {
  const lines = code.replaceAll('\\\n', ' ').split('\n').map(line => line.replace(/(^|\s)#.*$/, '').trim()).filter(line => line !== '')
  return lines.flatMap(line => withoutTexts(line).split(/&&|\||;/)).flatMap(command => wrongCommand(command.trim().split(/\s+/), page, named))
}

/** What stands in quotes is no command. */
function withoutTexts (line: string): string {
  return line.replace(/'[^']*'|"[^"]*"/g, 'TEXT')
}

function wrongCommand ([program = '', ...words]: string[], page: string, named: string[]): string[] {
  if (/^\w+=/.test(program)) return words.length === 0 ? [] : wrongCommand(words, page, named)
  if (program === 'npm') return wrongScript(words, page)
  if (program === 'npx') return wrongBinary(words)
  if (program === 'node') return wrongProgram(words, named)
  if (program === 'docker') return wrongContainer(words, page, named)
  return FOREIGN.includes(program) ? [] : [`${program} is no program that is known here`]
}

function wrongScript ([verb = '', name = '', ...rest]: string[], page: string): string[] {
  const own = join(project, dirname(page), 'package.json')
  const known = existsSync(own) && dirname(page) !== '.' ? (JSON.parse(readFileSync(own, 'utf8')) as { scripts?: typeof scripts }).scripts ?? {} : scripts
  if (['ci', 'install', 'i', 'pack', 'audit'].includes(verb)) return []
  const script = verb === 'run' ? name : verb
  const command = known[script] ?? scripts[script]
  if (command === undefined) return [`npm has no script ${script}`]
  const [file] = /src\/cli\/index\.ts (\w+)|sandbox\/run\.ts ([\w-]+)/.exec(command)?.slice(1).filter(Boolean) ?? []
  return file === undefined ? [] : wrongOptions(file, rest)
}

function wrongBinary ([name = '', ...rest]: string[]): string[] {
  if (name === 'fastify-affitor') {
    const [command = '', ...options] = rest
    return ['migrate', 'setup', 'verify'].includes(command) ? wrongOptions(command, options) : [`fastify-affitor has no command ${command}`]
  }
  if (name === 'tap' || name === 'tsx') return rest.filter(word => /\.ts$/.test(word) && !existsSync(join(project, word))).map(word => `${word} is not there`)
  return ['eslint', 'changeset'].includes(name) ? [] : [`${name} is no command that is known here`]
}

function wrongOptions (command: string, words: string[]): string[] {
  const file = join(project, 'src/cli', `${command}.ts`)
  if (!existsSync(file)) return []
  const usage = readFileSync(file, 'utf8')
  return words.filter(word => /^--\w/.test(word) && !usage.includes(`${word.split('=')[0]} `)).map(word => `${command} has no option ${word}`)
}

function wrongProgram (words: string[], named: string[]): string[] {
  const file = words.find(word => /\.[jt]s$/.test(word)) ?? ''
  const compiled = /^dist\/(.*)\.js$/.exec(file)?.[1]
  if (compiled !== undefined) return programs.includes(`${compiled}.ts`) ? wrongOptions(compiled.replace('src/cli/', '').replace('-service', ''), words) : [`${file} is not in the image`]
  return named.includes(file) || existsSync(join(project, file)) ? [] : [`${file} is not there`]
}

function wrongContainer ([compose = '', verb = '', ...words]: string[], page: string, named: string[]): string[] {
  if (compose !== 'compose') return [`docker ${compose} is not used here`]
  if (verb !== 'run') return ['up', 'down', 'config', 'logs'].includes(verb) ? [] : [`docker compose ${verb} is not used here`]
  const [service = '', ...command] = words.filter(word => word !== '--rm')
  return service in services ? wrongCommand(command, page, named) : [`compose.yaml has no service ${service}`]
}
