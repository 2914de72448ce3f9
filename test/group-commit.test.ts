import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { groupCommit } from '../src/group-commit.js'

/** A store whose statements end when the test says so. */
function heldStore () {
  const statements: Array<{ items: string[], finish: (error?: Error) => void }> = []
  const submit = groupCommit<string, string>({
    store: async items => await new Promise((resolve, reject) => {
      statements.push({ items, finish (error) { error === undefined ? resolve(items.map(item => `${item} stored`)) : reject(error) } })
    }),
    isOutage: error => (error as Error).message === 'away',
    sizeOf: item => item.startsWith('large') ? 3 * 1024 * 1024 : 1,
    mostItems: 200,
    atOnce: 2
  })
  const groups = () => statements.map(({ items }) => items)
  return { statements, submit, groups }
}

/** Hands items in, each in a turn of its own. */
async function oneByOne (items: string[], submit: (item: string) => Promise<string>) {
  const results: Array<Promise<string>> = []
  for (const item of items) {
    results.push(submit(item))
    await delay(1)
  }
  return results
}

t.test('an item that comes alone is stored at once', async t => {
  const { statements, submit, groups } = heldStore()
  const stored = submit('a')
  await Promise.resolve()
  t.same(groups(), [['a']], 'within the same turn of the event loop')
  statements[0]?.finish()
  t.equal(await stored, 'a stored')
})

t.test('what waits at the same moment shares a statement, and is answered by its own result', async t => {
  const { statements, submit, groups } = heldStore()
  const results = await oneByOne(['a', 'b', 'c', 'd', 'e'], submit)
  t.same(groups(), [['a'], ['b']])
  let answered = false
  void results[2]?.then(() => { answered = true })
  statements[0]?.finish()
  t.equal(await results[0], 'a stored')
  await delay(1)
  t.same(groups(), [['a'], ['b'], ['c', 'd', 'e']])
  t.notOk(answered, 'nothing is answered before its statement has ended')
  for (const { finish } of statements) finish()
  t.same(await Promise.all(results), ['a', 'b', 'c', 'd', 'e'].map(item => `${item} stored`))
})

t.test('what comes at once shares a statement from the first', async t => {
  const { statements, submit, groups } = heldStore()
  const results = ['a', 'b', 'c'].map(submit)
  await delay(1)
  t.same(groups(), [['a', 'b', 'c']])
  statements[0]?.finish()
  await Promise.all(results)
})

t.test('where nobody waits for the result, statements keep a distance; the first goes at once', async t => {
  const starts: number[] = []
  const submit = groupCommit<string, string>({
    async store (items) {
      starts.push(performance.now())
      return items
    },
    isOutage: () => false,
    mostItems: 200,
    atOnce: 1,
    gapMs: 50
  })
  const begin = performance.now()
  await submit('a')
  await Promise.all([submit('b'), delay(5).then(() => submit('c'))])
  t.equal(starts.length, 2)
  const [first = 0, second = 0] = starts
  t.ok(first - begin < 40, 'at once')
  t.ok(second - first >= 45, `${second - first} ms apart`)
})

t.test('a statement is bounded in rows and in bytes', async t => {
  const { statements, submit, groups } = heldStore()
  const items = ['a', 'b', 'large1', 'large2', ...Array.from({ length: 250 }, (_, i) => `small${i}`)]
  const results = items.map(submit)
  for (let i = 0; i < 5; i++) {
    await delay(1)
    for (const { finish } of statements) finish()
  }
  await Promise.all(results)
  t.same(groups().map(group => group.length), [3, 200, 51])
  t.same(groups().flat(), items, 'in the order in which they came')
})

t.test('an item that cannot be stored fails alone', async t => {
  const submit = groupCommit<string, string>({
    async store (items) {
      await delay(1)
      if (items.includes('bad')) throw new Error('bad row')
      return items
    },
    isOutage: () => false,
    mostItems: 200,
    atOnce: 2
  })
  const results = await Promise.allSettled(['a', 'b', 'c', 'bad', 'd'].map(submit))
  t.same(results.map(({ status }) => status), ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
})

t.test('an outage fails all of a statement, and none of them is tried alone', async t => {
  const { statements, submit, groups } = heldStore()
  const results = Promise.allSettled(await oneByOne(['a', 'b', 'c', 'd'], submit))
  for (let i = 0; i < 3; i++) {
    for (const { finish } of statements) finish(new Error('away'))
    await delay(1)
  }
  t.ok((await results).every(({ status }) => status === 'rejected'))
  t.same(groups(), [['a'], ['b'], ['c', 'd']])
})

t.test('beyond a bound callers are turned away at once, and the others are served', async t => {
  const { statements, submit } = heldStore()
  const waiting = await oneByOne(['first', 'second'], submit)
  waiting.push(...Array.from({ length: 2_000 }, (_, i) => submit(`item${i}`)))
  await t.rejects(submit('too much'), { name: 'QueueFullError' })
  for (let i = 0; i < 20; i++) {
    for (const { finish } of statements) finish()
    await delay(1)
  }
  t.equal((await Promise.all(waiting)).length, 2_002)
})
