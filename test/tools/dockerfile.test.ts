import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readDockerfile } from '../../tools/image/dockerfile.js'

t.test('every instruction of this project\'s Dockerfile is read, none is passed over', async t => {
  const text = await readFile(join(import.meta.dirname, '../../Dockerfile'), 'utf8')
  const stages = readDockerfile(text)
  const written = text.split('\n').filter(line => /^[A-Z]+ /.test(line)).length
  t.equal(stages.length + stages.reduce((count, { steps }) => count + steps.length, 0), written)
})

t.test('stages, their steps and their lines', async t => {
  const stages = readDockerfile([
    'FROM node:24 AS build',
    'WORKDIR /app',
    'COPY --chown=node:node a b ./',
    'COPY ["a b", "c"]',
    'RUN --mount=type=cache,target=/root/.npm npm ci \\',
    '  # why',
    '  && npm run build',
    'from build',
    'COPY --from=build /app ./',
    'ENV A=1 B="two words"',
    'USER node',
    'EXPOSE 3000/tcp',
    'HEALTHCHECK --interval=1s --timeout=500ms \\',
    // eslint-disable-next-line no-template-curly-in-string
    '  CMD ["node", "-e", "fetch(`${process.env.PORT}`)"]',
    'ENTRYPOINT ["node"]',
    'CMD npm start'
  ].join('\n'))
  t.strictSame(stages.map(({ base, name, steps }) => [base, name, steps.map(({ text, ...step }) => step)]), [
    ['node:24', 'build', [
      { line: 2, kind: 'WORKDIR', path: '/app' },
      { line: 3, kind: 'COPY', sources: ['a', 'b'], target: './', owner: 'node' },
      { line: 4, kind: 'COPY', sources: ['a b'], target: 'c' },
      { line: 5, kind: 'RUN', command: 'npm ci && npm run build' }
    ]],
    ['build', undefined, [
      { line: 9, kind: 'COPY', sources: ['/app'], target: './', from: 'build' },
      { line: 10, kind: 'ENV', variables: { A: '1', B: 'two words' } },
      { line: 11, kind: 'USER', name: 'node' },
      { line: 12, kind: 'EXPOSE', ports: ['3000/tcp'] },
      // eslint-disable-next-line no-template-curly-in-string
      { line: 13, kind: 'HEALTHCHECK', command: ['node', '-e', 'fetch(`${process.env.PORT}`)'], timeoutMs: 500 },
      { line: 15, kind: 'ENTRYPOINT', command: ['node'] },
      { line: 16, kind: 'CMD', command: 'npm start' }
    ]]
  ])
})

const wrong: Array<[what: string, lines: string[], message: RegExp]> = [
  ['nothing', ['# a comment'], /The Dockerfile has no FROM/],
  ['an instruction before the first stage', ['WORKDIR /app'], /^Dockerfile:1: WORKDIR stands before the first FROM\.$/],
  ['an instruction that is not known', ['FROM node:24', '', 'VOLUME /data'], /^Dockerfile:3: VOLUME is not known to this runner/],
  ['a misspelt instruction', ['FROM node:24', 'COPPY a b'], /^Dockerfile:2: COPPY is not known/],
  ['a flag that is not known', ['FROM node:24', 'COPY --link a b'], /COPY has the flag --link, which/],
  ['a platform', ['FROM --platform=linux/arm64 node:24'], /FROM has the flag --platform/],
  ['a stage without a name after AS', ['FROM node:24 AS'], /FROM is to be: FROM image, or FROM image AS name\./],
  ['a copy without a target', ['FROM node:24', 'COPY a'], /COPY names a source and a target/],
  ['several sources into what is no folder', ['FROM node:24', 'COPY a b c'], /so its target has to be a folder: c\//],
  ['a wildcard', ['FROM node:24', 'COPY package*.json ./'], /COPY has a wildcard/],
  ['a variable', ['FROM node:24', 'WORKDIR $HOME/app'], /WORKDIR has a variable/],
  ['a here-document', ['FROM node:24', 'RUN <<EOF', 'npm ci', 'EOF'], /RUN has a here-document/],
  ['a mounted secret', ['FROM node:24', 'RUN --mount=type=secret,id=npm npm ci'], /RUN mounts something else than a cache/],
  ['a list that is none', ['FROM node:24', "CMD ['node', 'x.js']"], /CMD begins with \[ and is no list/],
  ['no command', ['FROM node:24', 'RUN'], /RUN names no command/],
  ['a health check that is turned off', ['FROM node:24', 'HEALTHCHECK NONE'], /HEALTHCHECK has no CMD/],
  ['a time without a unit', ['FROM node:24', 'HEALTHCHECK --timeout=5 CMD true'], /has the time 5, which is to be like/],
  ['two users', ['FROM node:24', 'USER a b'], /USER names one user/],
  ['an environment without variables', ['FROM node:24', 'ENV'], /ENV names no variable/]
]

for (const [what, lines, message] of wrong) {
  t.test(`a Dockerfile with ${what} is refused`, async t => {
    t.throws(() => readDockerfile(lines.join('\n')), { message })
  })
}
