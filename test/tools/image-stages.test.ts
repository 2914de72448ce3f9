import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { unwanted } from '../../tools/image/content.js'
import { contextFiles, copyContext } from '../../tools/image/context.js'
import { readDockerfile } from '../../tools/image/dockerfile.js'
import { finish } from '../../tools/image/processes.js'
import { buildStages, entryOf, startIn } from '../../tools/image/stages.js'

type Files = Record<string, string>

async function write (folder: string, files: Files): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

async function build (t: Test, lines: string[], files: Files = {}) {
  const folder = t.testdir()
  await chmod(folder, 0o755)
  const context = await write(join(folder, 'context'), { 'a.cjs': 'console.log(process.env.WHO, require("node:fs").readdirSync("."))', 'sub/b.txt': 'b', ...files })
  return await buildStages(readDockerfile(lines.join('\n')), { context, folder, engines: '>=20.19' })
}

t.test('a stage begins with an earlier one, copies from it, and runs in its working folder', async t => {
  const image = await build(t, [
    'FROM node:24-slim AS first',
    'WORKDIR /app',
    'ENV WHO=somebody',
    'COPY a.cjs ./',
    'FROM first AS second',
    'COPY sub a.cjs ./into/',
    'RUN echo "$WHO" > who.txt && pwd -P > ../pwd.txt',
    'FROM node:22.12',
    'WORKDIR /srv',
    'COPY --from=second --chown=node /app ./',
    'COPY --from=second /pwd.txt who',
    'CMD ["node", "a.cjs"]'
  ])
  const read = (path: string) => readFile(join(image.root, path), 'utf8')
  t.equal(await read('srv/who.txt'), 'somebody\n')
  t.match(await read('srv/who'), /stage-1\/app\n$/)
  t.equal(await read('srv/into/b.txt'), 'b', 'of a folder, its content is copied')
  t.equal(await read('srv/into/a.cjs'), await read('srv/a.cjs'))
  t.same(image.env, {}, 'the environment of another stage is not copied')
  t.match(await finish('a.cjs', startIn(image, entryOf(image)), 20_000), /undefined \[ 'a\.cjs', 'into', 'who', 'who\.txt' \]/)
  if (process.getuid?.() === 0) t.equal((await stat(join(image.root, 'srv/into/b.txt'))).uid, 65_534)
})

t.test('a program of the image sees the image\'s variables alone', async t => {
  process.env.OF_THIS_MACHINE = 'seen'
  const image = await build(t, [
    'FROM node:24', 'WORKDIR /app', 'ENV WHO=image', 'RUN echo "[$OF_THIS_MACHINE]" > seen.txt', 'ENTRYPOINT ["node", "-p"]', 'CMD ["1"]'
  ])
  t.equal(await readFile(join(image.root, 'app/seen.txt'), 'utf8'), '[]\n')
  t.equal(await finish('node', startIn(image, entryOf(image)), 20_000), '1\n')
  const print = entryOf(image, ['[process.env.WHO, process.env.OF_THIS_MACHINE, process.env.HOME].join()'])
  t.equal(await finish('node', startIn(image, print, { WHO: 'given' }), 20_000), 'given,,\n')
})

t.test('who uses the image cannot write into it', { skip: process.getuid?.() !== 0 && 'only root can become another user' }, async t => {
  const image = await build(t, ['FROM node:24', 'WORKDIR /app', 'USER node', 'CMD echo x > y'])
  await t.rejects(finish('The command', startIn(image, entryOf(image)), 20_000), { message: /The command ended with [12]\. .*[Pp]ermission denied/s })
})

const wrong: Array<[what: string, lines: string[], message: RegExp]> = [
  ['a copy of a file that is not there', ['FROM node:24', 'COPY a.cjs nothing.js ./'], /^Dockerfile:2: COPY: copies nothing\.js, which is not in what \.dockerignore lets through\.$/],
  ['a copy of what another stage lacks', ['FROM node:24 AS one', 'FROM node:24', 'COPY --from=one /dist ./'], /^Dockerfile:3: COPY: copies \/dist, which is not in the stage one\.$/],
  ['a copy from a later stage', ['FROM node:24', 'COPY --from=two a b', 'FROM node:24 AS two'], /--from=two is no earlier stage/],
  ['a path out of the context', ['FROM node:24', 'COPY ../secret ./'], /copies \.\.\/secret, which is not in/],
  ['a Node that is too old', ['FROM node:18-slim'], /^Dockerfile:1: FROM node:18-slim has a Node that package\.json does not allow; it asks for >=20\.19\.$/],
  ['a Node without a number', ['FROM node:latest'], /neither an earlier stage nor a numbered version of Node/],
  ['another image', ['FROM postgres:18'], /FROM postgres:18 is neither/],
  ['a command that fails', ['FROM node:24', 'RUN echo why >&2; exit 3'], /^Dockerfile:2: RUN: The command ended with 3\. The last that it printed:\n {2}why/],
  ['a command outside of its folder', ['FROM node:24', 'RUN cat /etc/hostname'], /RUN: names \/etc\/hostname, which is another place here/],
  ['a variable that leads outside', ['FROM node:24', 'ENV NODE_OPTIONS="--require=/opt/x.js"'], /ENV: names \/opt\/x\.js/],
  ['a user that Node\'s images lack', ['FROM node:24', 'USER deno'], /names the user deno; the images of Node have root and node/]
]

for (const [what, lines, message] of wrong) {
  t.test(`${what} fails with a sentence`, async t => { await t.rejects(build(t, lines), { message }) })
}

t.test('what takes too long is killed, with what it started', async t => {
  const image = await build(t, ['FROM node:24', 'WORKDIR /app'])
  const running = startIn(image, 'echo begun; sleep 60 & sleep 60')
  await t.rejects(finish('It', running, 500), { message: /It takes longer than 0\.5 s\. .*begun/s })
  t.ok(running.isOver())
})

t.test('a program that is not there fails with a sentence', async t => {
  const image = await build(t, ['FROM node:24', 'WORKDIR /app'])
  await t.rejects(finish('It', startIn(image, ['no-such-program']), 20_000), { message: /It ended with 127\. .*ENOENT/s })
})

t.test('the context is what .dockerignore lets through', async t => {
  const root = t.testdir()
  const folder = await write(join(root, 'project'), {
    'package.json': '',
    'README.md': '',
    'src/a.ts': '',
    'src/deep/b.ts': '',
    'src/deep/notes.md': '',
    'test/a.ts': '',
    'node_modules/x/src/index.js': '',
    'one/kept/c': '',
    'one/left': '',
    '.dockerignore': '# a comment\n*\n!package.json\n!src\n!one/kept\nsrc/**/*.md\n'
  })
  await symlink('../package.json', join(folder, 'src/link'))
  const expected = ['one/kept/c', 'package.json', 'src/a.ts', 'src/deep/b.ts', 'src/link']
  t.same(await contextFiles(folder, await readFile(join(folder, '.dockerignore'), 'utf8')), expected)
  t.equal(await copyContext(folder, join(root, 'context')), expected.length)
  t.same(await contextFiles(join(root, 'context'), ''), expected)
})

t.test('what only development needs is found in an image', async t => {
  const locked = {
    'node_modules/fastify': {}, 'node_modules/tap': { dev: true }, 'node_modules/a/node_modules/tap': { dev: true }, 'node_modules/embedded': { optionalDependencies: { '@embedded/linux': '1' } }, 'node_modules/@embedded/linux': {}
  }
  const good = await write(t.testdir(), { 'dist/src/server.js': '', 'sdk/index.d.ts': '', 'node_modules/fastify/test/x.ts': '', 'dist/src/sandbox-strip.js': '' })
  const manifests = { optionalDependencies: { embedded: '1' }, locked }
  t.same(await unwanted(good, manifests), [])
  await write(good, { 'dist/sandbox/start.js': '', 'src/app.ts': '', 'node_modules/tap/x': '', 'node_modules/a/node_modules/tap/x': '', 'node_modules/embedded/x': '', 'node_modules/@embedded/linux/x': '' })
  t.same(await unwanted(good, manifests), [
    'dist/sandbox', 'dist/sandbox/start.js', 'node_modules/@embedded/linux', 'node_modules/a/node_modules/tap', 'node_modules/embedded', 'node_modules/tap', 'src/app.ts'
  ])
})
