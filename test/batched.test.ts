import t from 'tap'
import { batched } from '../src/ledger/batched.js'

t.test('what is asked in one turn of the event loop is asked together, and each gets its own answer', async t => {
  const asked: string[][] = []
  const ask = batched<string, string>(async questions => {
    asked.push([...questions])
    return questions.map(question => question.toUpperCase())
  })
  t.same(await Promise.all([ask('a'), Promise.resolve().then(() => ask('b')), ask('a')]), ['A', 'B', 'A'])
  t.equal(await ask('c'), 'C')
  t.same(asked.map(questions => questions.toSorted()), [['a', 'a', 'b'], ['c']])
})

t.test('a failure is everybody\'s who asked, and nobody\'s who asks later', async t => {
  let fails = true
  const ask = batched<number, number>(async questions => {
    if (fails) throw new Error('away')
    return questions
  })
  const both = await Promise.allSettled([ask(1), ask(2)])
  t.same(both.map(({ status }) => status), ['rejected', 'rejected'])
  fails = false
  t.equal(await ask(3), 3)
})
