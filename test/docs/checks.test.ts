import t from 'tap'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deadLinks, emptyPages } from '../../tools/docs/links.js'
import { slugify } from '../../tools/docs/markdown.js'
import { referencePages } from '../../tools/docs/reference.js'
import type { ApiDocument } from '../../tools/docs/reference.js'
import { fencesOf } from '../../tools/harness/fences.js'
import { wrongCommands } from './commands.js'
import { project } from './pages.js'

t.test('blocks are read with their language, what they say and their line, also in a list', t => {
  const page = 'Text\n\n```js app.js\na\n```\n\n1. One\n\n   ```sh\n   npm ci\n\n   npm test\n   ```\n'
  t.same(fencesOf(page), [
    { language: 'js', says: 'app.js', code: 'a\n', line: 4 },
    { language: 'sh', says: '', code: 'npm ci\n\nnpm test\n', line: 10 }
  ])
  t.throws(() => fencesOf('```js\na\n'), /no end/)
  t.end()
})

t.test('what a page tells to type and is not there is found', t => {
  const wrong = (code: string) => wrongCommands({ page: 'docs/guide.md', place: '', language: 'sh', says: '', line: 1, code }, ['server.js'])
  t.same(wrong('npm ci && npm start   # a comment\nA=1 node --env-file=.env server.js\nnpx fastify-affitor verify --url https://a.example'), [])
  t.same(wrong('npm run nothing'), ['npm has no script nothing'])
  t.same(wrong('npx fastify-affitor start'), ['fastify-affitor has no command start'])
  t.same(wrong('npx fastify-affitor verify --fast'), ['verify has no option --fast'])
  t.same(wrong('npm run reconcile -- --from 7d'), ['reconcile has no option --from'])
  t.same(wrong('node other.js'), ['other.js is not there'])
  t.same(wrong('docker compose run --rm web node dist/src/cli/reconcile.js'), ['compose.yaml has no service web'])
  t.same(wrong('npm ci | grab it'), ['grab is no program that is known here'])
  t.end()
})

t.test('links of the site that lead to no page, or to no place on it, are found', async t => {
  const folder = t.testdir({
    'index.html': '<h1 id="top">A</h1><a href="#top">1</a><a href="/b.html#here">2</a><a href="/b">3</a><a href="https://a.example/#x">4</a><img src="/c.svg">',
    'b.html': '<h1 id="here">B</h1><a href="/index.html#gone">5</a><a href="/d">6</a><a href="#">7</a>',
    'c.svg': ''
  })
  t.same((await deadLinks(folder)).sort(), ['b.html: /d', 'b.html: /index.html#gone'])
})

t.test('pages of the site that have no text are found', async t => {
  const folder = t.testdir({ 'index.html': '<h1 id="top">A</h1>', 'b.html': '<div></div>', '404.html': '' })
  t.same(await emptyPages(folder), ['b.html'])
})

t.test('the id of a heading is GitHub\'s', t => {
  t.equal(slugify('What became of the guide\'s own code'), 'what-became-of-the-guides-own-code')
  t.equal(slugify('1. Signup and lead'), '1-signup-and-lead')
  t.equal(slugify('Affitor, Dub, Rewardful, Tolt?'), 'affitor-dub-rewardful-tolt')
  t.end()
})

t.test('the reference has every operation, field and schema of the document', async t => {
  const document = JSON.parse(await readFile(join(project, 'openapi.json'), 'utf8')) as ApiDocument
  const pages = referencePages(document)
  const text = pages.map(({ content }) => content).join('\n')
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { operationId }] of Object.entries(methods)) {
      t.ok(text.includes(`{#${operationId}}`) && text.includes(`\`${method.toUpperCase()} ${path}\``), operationId)
    }
  }
  const schemas = pages.find(({ name }) => name === 'schemas')?.content ?? ''
  for (const [name, { properties = {} }] of Object.entries(document.components.schemas)) {
    const [, section = ''] = schemas.split(`\n## ${name}\n`)
    const own = section.split('\n## ')[0] ?? ''
    t.same(Object.keys(properties).filter(field => !own.includes(`| \`${field}\``)), [], name)
  }
})
