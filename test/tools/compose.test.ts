import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import t from 'tap'
import { Environment, loadConfig } from '../../src/service/config.js'
import { filledIn, readCompose } from '../../tools/image/compose.js'

const read = (name: string) => readFile(join(import.meta.dirname, '../..', name), 'utf8')

t.test('with .env.example filled in, compose.yaml gives the service a configuration that it takes', async t => {
  const example = parseEnv(await read('.env.example')) as Record<string, string>
  const empty = Object.keys(example).filter(name => example[name] === '' && name !== 'DATABASE_URL')
  t.same(empty.sort(), Object.keys(filledIn).sort(), 'what .env.example leaves empty is filled in, and nothing else')
  const { db, api, worker } = readCompose(await read('compose.yaml'), { ...example, ...filledIn })
  for (const service of [api, worker]) {
    const { POSTGRES_PASSWORD: password, ...environment } = service?.environment ?? {}
    t.same(Object.keys(environment).filter(name => !(name in Environment.properties)), [], 'no variable that the service does not know')
    const config = loadConfig(environment)
    t.match(config, { NODE_ENV: 'production', mode: 'live', HOST: '0.0.0.0', PORT: 3000 })
    t.equal(config.DATABASE_URL, `postgres://affitor:${password}@db:5432/${db?.environment.POSTGRES_DB}`)
    t.equal(service?.image, 'fastify-affitor')
  }
  t.equal(loadConfig(api?.environment ?? {}).WORKERS, false)
})

t.test('compose.yaml names each variable that production asks for', async t => {
  for (const name of Object.keys(filledIn)) {
    const text = await read('compose.yaml')
    t.throws(() => readCompose(text, { ...filledIn, [name]: '' }), { message: `compose.yaml: ${name} is missing: set it in .env` })
  }
})

t.test('a variable has its value, or its default', async t => {
  const text = [
    'services:',
    '  one:',
    '    image: x',
    '    env_file: .env',
    // eslint-disable-next-line no-template-curly-in-string
    '    command: [node, "${FILE:-a.js}"]',
    // eslint-disable-next-line no-template-curly-in-string
    '    environment: { A: "${GIVEN}-${ABSENT}", N: 3 }'
  ].join('\n')
  t.same(readCompose(text, { GIVEN: 'g' }), { one: { image: 'x', command: ['node', 'a.js'], environment: { GIVEN: 'g', A: 'g-', N: '3' } } })
})
