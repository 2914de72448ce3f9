import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { intersects, validRange } from 'semver'
import { copy, inside } from './copy.js'
import type { Command, Stage, Step } from './dockerfile.js'
import { finish, startProcess, userId } from './processes.js'
import type { RunningProcess } from './processes.js'

/** Longest time of one RUN, in milliseconds: `npm ci` on a slow line. */
const RUN_TIMEOUT_MS = 600_000

/** What npm must be told to reach the registry of this machine; no other variable reaches a RUN. */
const PASSED_ON = /^(home|npm_config_(registry|cache|userconfig|globalconfig|cafile|(https?_)?proxy|noproxy)|(https?|no)_proxy|node_extra_ca_certs|ssl_cert_file)$/i

/** A stage as it is once its steps are done. */
export interface Image {
  /** The folder that stands for `/`. */
  root: string
  env: Record<string, string>
  workdir: string
  user: string
  ports: string[]
  entrypoint: Command
  command: Command
  healthcheck?: { command: Command, timeoutMs: number }
}

export interface BuildOptions {
  /** The folder of what `.dockerignore` lets through. */
  context: string
  /** Where the stages' folders are made: outside of any project, or Node would find packages there. */
  folder: string
  /** The versions of Node that package.json allows. */
  engines: string
  /** Told each step, a line each. */
  log?: (message: string) => void
}

/**
 * Does what a Dockerfile says, each stage in a folder that stands for its `/`, and returns the last one. An image of
 * Node is an empty folder with this machine's Node.
 * @throws Error with the line of the Dockerfile, for what fails or cannot be done in a folder
 */
export async function buildStages (stages: Stage[], options: BuildOptions): Promise<Image> {
  const built = new Map<string, Image>()
  let last: Image | undefined
  for (const [index, stage] of stages.entries()) {
    options.log?.(`FROM ${stage.base}${stage.name === undefined ? '' : ` AS ${stage.name}`}`)
    const image = await begin(stage, join(options.folder, `stage-${index}`), built, options.engines)
    for (const step of stage.steps) {
      options.log?.(`  ${step.text}`)
      await take(step, image, built, options.context).catch((error: Error) => {
        throw new Error(`Dockerfile:${step.line}: ${step.kind}: ${error.message}`, { cause: error })
      })
    }
    built.set(String(index), image)
    if (stage.name !== undefined) built.set(stage.name, image)
    last = image
  }
  if (last === undefined) throw new Error('There is no stage to build.')
  return last
}

async function begin (stage: Stage, root: string, built: Map<string, Image>, engines: string): Promise<Image> {
  // As in Docker: the command of the stage before was meant for another program.
  const fresh = (image: Image) => stage.steps.some(step => step.kind === 'ENTRYPOINT') ? { ...image, command: [] } : image
  const earlier = built.get(stage.base)
  if (earlier !== undefined) {
    await cp(earlier.root, root, { recursive: true, verbatimSymlinks: true })
    return fresh({ ...structuredClone(earlier), root })
  }
  // `24-bookworm-slim` is the newest 24 on a Debian.
  const version = /^node:(\d+(?:\.\d+){0,2})(?:-[\w.-]+)?$/.exec(stage.base)?.[1]
  if (version === undefined) {
    throw new Error(`Dockerfile:${stage.line}: FROM ${stage.base} is neither an earlier stage nor a numbered version of Node, such as node:24-bookworm-slim.`)
  }
  if (validRange(engines) === null || !intersects(version, engines)) {
    throw new Error(`Dockerfile:${stage.line}: FROM ${stage.base} has a Node that package.json does not allow; it asks for ${engines}.`)
  }
  await mkdir(root, { recursive: true })
  return fresh({ root, env: {}, workdir: '/', user: 'root', ports: [], entrypoint: [], command: ['node'] })
}

async function take (step: Step, image: Image, built: Map<string, Image>, context: string): Promise<void> {
  const { root } = image
  switch (step.kind) {
    case 'WORKDIR':
      await mkdir(inside(root, image.workdir, step.path), { recursive: true })
      image.workdir = inside('/', image.workdir, step.path)
      return
    case 'COPY': {
      const from = step.from === undefined ? context : built.get(step.from)?.root
      if (from === undefined) throw new Error(`--from=${step.from} is no earlier stage.`)
      const fromName = step.from === undefined ? 'what .dockerignore lets through' : `the stage ${step.from}`
      await copy({ ...step, from, fromName, root, workdir: image.workdir, owner: userId(knownUser(step.owner ?? 'root')) })
      return
    }
    case 'ENV':
      stayInside(Object.values(step.variables))
      Object.assign(image.env, step.variables)
      return
    case 'USER':
      image.user = knownUser(step.name)
      return
    case 'EXPOSE':
      image.ports.push(...step.ports)
      return
    case 'CMD':
      image.command = step.command
      return
    case 'ENTRYPOINT':
      image.entrypoint = step.command
      return
    case 'HEALTHCHECK':
      image.healthcheck = { command: step.command, timeoutMs: step.timeoutMs }
      return
    case 'RUN':
      await finish('The command', startIn(image, step.command, { ...npmSettings(), ...image.env }), RUN_TIMEOUT_MS)
  }
}

/**
 * Starts a command in the folder of an image, with the image's environment.
 * @param env variables beside it, and instead of its own
 * @throws Error when the command names a path that would lead out of the folder
 */
export function startIn (image: Image, command: Command, env: Record<string, string | undefined> = {}): RunningProcess {
  stayInside(typeof command === 'string' ? [command] : command)
  return startProcess(command, { cwd: inside(image.root, '/', image.workdir), env: { ...image.env, ...env }, user: image.user })
}

/** What a container of the image runs, unless it is given another command. */
export function entryOf ({ entrypoint, command }: Image, instead: Command = command): Command {
  // A line for the shell takes no arguments.
  if (typeof entrypoint === 'string') return entrypoint
  if (entrypoint.length === 0) return instead
  return [...entrypoint, ...(typeof instead === 'string' ? ['/bin/sh', '-c', instead] : instead)]
}

/** Only Docker can make `/app` of a folder somewhere: a command is to name paths from its working folder on. */
function stayInside (texts: string[]): void {
  for (const text of texts) {
    const [, path] = /(?:^|[\s"'=(;&|<>])(\/[\w.][\w./-]*)/.exec(text) ?? []
    if (path !== undefined) throw new Error(`names ${path}, which is another place here than in the image: name it from the working folder on.`)
  }
}

/** Node's images have these two. */
function knownUser (name: string): string {
  if (!['root', 'node'].includes(name) && !/^\d+$/.test(name)) throw new Error(`names the user ${name}; the images of Node have root and node.`)
  return name
}

/** Packages are taken from npm's cache where it has them: the lock file says by their hashes whether they are right. */
function npmSettings (): Record<string, string | undefined> {
  const passedOn = Object.entries(process.env).filter(([name]) => PASSED_ON.test(name))
  return { ...Object.fromEntries(passedOn), npm_config_prefer_offline: 'true' }
}
