import t from 'tap'
import { inRounds } from '../../src/workers/rounds.js'

const rounds = (...items: string[]) => inRounds(items, item => [...item])

t.test('items that share nothing are of one round', async t => {
  t.same(rounds('ab', 'cd', 'e'), [['ab', 'cd', 'e']])
  t.same(rounds(), [])
})

t.test('of items that share a key, the first comes in an earlier round, also where another stands between them', async t => {
  t.same(rounds('ab', 'bc', 'cd', 'e', 'ax'), [['ab', 'e'], ['bc', 'ax'], ['cd']])
})
