import { DockerfileParser, Env, Instruction, ModifiableInstruction, Run, Copy } from 'dockerfile-ast'

/** A program with its arguments, or a line for the shell. */
export type Command = string[] | string

/** One instruction, with the line that it begins in. */
export type Step = { line: number, text: string } & (
  | { kind: 'WORKDIR', path: string }
  | { kind: 'COPY', from?: string, owner?: string, sources: string[], target: string }
  | { kind: 'RUN' | 'CMD' | 'ENTRYPOINT', command: Command }
  | { kind: 'ENV', variables: Record<string, string> }
  | { kind: 'USER', name: string }
  | { kind: 'EXPOSE', ports: string[] }
  | { kind: 'HEALTHCHECK', command: Command, timeoutMs: number }
)

export interface Stage {
  line: number
  /** An image, or the name of an earlier stage. */
  base: string
  /** Absent where the Dockerfile gives none. */
  name?: string
  steps: Step[]
}

/** What a reader sees of an instruction. */
interface Source {
  /** Everything after the keyword and its flags, in one line, without comments. */
  text: string
  words: string[]
  flags: Map<string, string>
  instruction: Instruction
}

/** Docker's own limit where HEALTHCHECK gives none, in milliseconds. */
const HEALTHCHECK_TIMEOUT_MS = 30_000

/** The flags that are understood; what another one would change is not known here. */
const FLAGS: Record<string, string[]> = {
  COPY: ['from', 'chown'],
  RUN: ['mount'],
  HEALTHCHECK: ['interval', 'timeout', 'start-period', 'start-interval', 'retries']
}

const readers: Record<Step['kind'], (source: Source) => object> = {
  WORKDIR: ({ words }) => ({ path: one(words, 'one folder') }),
  COPY ({ text, words, flags }) {
    const paths = list(text) ?? words
    const target = paths.at(-1)
    if (target === undefined || paths.length < 2) throw new Error('names a source and a target, or several sources and a folder.')
    if (paths.some(path => /[*?[]/.test(path))) throw new Error('has a wildcard, which this runner does not know: name the files, or their folder.')
    if (paths.length > 2 && !target.endsWith('/')) throw new Error(`copies several sources, so its target has to be a folder: ${target}/`)
    const [from, owner] = [flags.get('from'), flags.get('chown')?.split(':')[0]]
    return { sources: paths.slice(0, -1), target, ...(from !== undefined && { from }), ...(owner !== undefined && { owner }) }
  },
  RUN ({ text, flags }) {
    const mount = flags.get('mount')
    // A cache may be empty: what works without it is what is shown here.
    if (mount !== undefined && !mount.split(',').includes('type=cache')) throw new Error('mounts something else than a cache, which this runner does not know.')
    return { command: command(text) }
  },
  CMD: ({ text }) => ({ command: command(text) }),
  ENTRYPOINT: ({ text }) => ({ command: command(text) }),
  ENV ({ instruction }) {
    const properties = (instruction as Env).getProperties()
    if (properties.length === 0) throw new Error('names no variable.')
    return { variables: Object.fromEntries(properties.map(property => [property.getName(), property.getValue() ?? ''])) }
  },
  USER: ({ words }) => ({ name: one(words, 'one user').split(':')[0] }),
  EXPOSE: ({ words }) => ({ ports: words }),
  HEALTHCHECK ({ text, flags }) {
    const [, check] = /^CMD\s+(.+)$/is.exec(text) ?? []
    if (check === undefined) throw new Error('has no CMD, and without one nobody asks whether the service is well.')
    return { command: command(check), timeoutMs: milliseconds(flags.get('timeout')) ?? HEALTHCHECK_TIMEOUT_MS }
  }
}

/**
 * Reads the stages of a Dockerfile, of those instructions that this project needs.
 * @throws Error with the line, for an instruction, a flag or a form that is not known here: it would be passed over
 */
export function readDockerfile (text: string): Stage[] {
  const stages: Stage[] = []
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const line = instruction.getRange().start.line + 1
    const kind = instruction.getKeyword()
    try {
      const source = sourceOf(instruction)
      if (kind === 'FROM') {
        stages.push({ line, ...stageOf(source.words), steps: [] })
        continue
      }
      const read = readers[kind as Step['kind']]
      if (read === undefined) throw new Error('is not known to this runner. Teach tools/image/dockerfile.ts what it does.')
      const stage = stages.at(-1)
      if (stage === undefined) throw new Error('stands before the first FROM.')
      stage.steps.push({ line, text: `${kind} ${source.text}`, kind, ...read(source) } as Step)
    } catch (error) {
      throw new Error(`Dockerfile:${line}: ${kind} ${(error as Error).message}`, { cause: error })
    }
  }
  if (stages.length === 0) throw new Error('The Dockerfile has no FROM: nothing is built.')
  return stages
}

function sourceOf (instruction: Instruction): Source {
  const keyword = instruction.getKeyword()
  if ((instruction instanceof Run || instruction instanceof Copy) && instruction.getHeredocs().length > 0) {
    throw new Error('has a here-document, which this runner does not know: write one line, or several that end in a backslash.')
  }
  const given = instruction instanceof ModifiableInstruction ? instruction.getFlags() : []
  const flags = new Map(given.map(flag => [flag.getName(), flag.getValue() ?? '']))
  const unknown = [...flags.keys()].find(name => FLAGS[keyword]?.includes(name) !== true)
  if (unknown !== undefined) throw new Error(`has the flag --${unknown}, which this runner does not know.`)
  // A comment may stand between the lines of one instruction.
  const text = (instruction.getRawArgumentsContent() ?? '').replace(/^\s*#.*\n/gm, '').replace(/\\[ \t]*\r?\n\s*/g, '').trim()
  // The shell and Node expand what is theirs; the rest Docker would expand.
  if (!['RUN', 'CMD', 'ENTRYPOINT', 'HEALTHCHECK'].includes(keyword) && text.includes('$')) {
    throw new Error('has a variable, which this runner does not expand: write its value.')
  }
  return { text, words: text.split(/\s+/).filter(word => word !== ''), flags, instruction }
}

function stageOf ([base, as, name, ...rest]: string[]): Pick<Stage, 'base' | 'name'> {
  if (base === undefined || rest.length > 0 || (as !== undefined && (as.toUpperCase() !== 'AS' || name === undefined))) {
    throw new Error('is to be: FROM image, or FROM image AS name.')
  }
  return { base, ...(name !== undefined && { name }) }
}

/** `["node", "x.js"]`, if that is how it is written. */
function list (text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const parsed: unknown = JSON.parse(text)
    if (Array.isArray(parsed) && parsed.length > 0 && parsed.every(part => typeof part === 'string')) return parsed
  } catch {}
  throw new Error('begins with [ and is no list of texts in double quotes: Docker would give it to the shell as it stands.')
}

function command (text: string): Command {
  if (text === '') throw new Error('names no command.')
  return list(text) ?? text
}

function one (words: string[], what: string): string {
  const [word, ...rest] = words
  if (word === undefined || rest.length > 0) throw new Error(`names ${what}.`)
  return word
}

function milliseconds (duration: string | undefined): number | undefined {
  if (duration === undefined) return undefined
  const [, amount, unit] = /^(\d+)(ms|s|m)$/.exec(duration) ?? []
  if (amount === undefined) throw new Error(`has the time ${duration}, which is to be like 500ms, 5s or 1m.`)
  return Number(amount) * ({ ms: 1, s: 1_000, m: 60_000 }[unit ?? 's'] ?? 1_000)
}
