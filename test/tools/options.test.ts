import t from 'tap'
import { anyOf, commandOf, help, oneOf, onOff, positive, readOptions, wholeNumber } from '../../tools/harness/options.js'
import type { Command } from '../../tools/harness/options.js'

interface Options { faults: 'kill' | 'all', seed: number, minutes: number, only: string[], realLeases: boolean }

const command: Command<Options> = {
  command: 'npm run try',
  what: 'Tries things.',
  options: {
    faults: oneOf('what goes wrong', ['kill', 'all'], 'kill'),
    seed: { ...wholeNumber('makes the same choices', 7, 0), shown: 'made up' },
    minutes: positive('how long', 10),
    only: anyOf('one row', ['webhooks', 'signup']),
    realLeases: onOff('leases run out by themselves')
  }
}

t.test('options that are not given have their defaults, and the others what was given', async t => {
  t.strictSame(readOptions([], command), { faults: 'kill', seed: 7, minutes: 10, only: [], realLeases: false })
  const given = readOptions(['--faults', 'all', '--seed', '5', '--minutes=0.1', '--only', 'signup', '--only', 'webhooks', '--real-leases'], command)
  t.strictSame(given, { faults: 'all', seed: 5, minutes: 0.1, only: ['signup', 'webhooks'], realLeases: true })
  const again = commandOf(command, given)
  t.equal(again, 'npm run try -- --faults all --seed 5 --minutes 0.1 --only signup --only webhooks --real-leases')
  t.strictSame(readOptions(again.split(' ').slice(4), command), given, 'the printed command makes the same choices')
})

for (const [args, message] of [
  [['--faults', 'storm'], '--faults must be one of kill, all, not storm.'],
  [['--seed', '1.5'], '--seed must be a whole number from 0, not 1.5.'],
  [['--minutes', '0'], '--minutes must be a number above 0, not 0.'],
  [['--minutes', ''], '--minutes must be a number above 0, not .'],
  [['--only', 'signup', '--only', 'x'], '--only must be one of webhooks, signup, not x.'],
  [['--unknown'], /--unknown/]
] as const) {
  t.test(`${args.join(' ')} is refused with a sentence`, async t => {
    t.throws(() => readOptions([...args], command), { message })
  })
}

t.test('--help tells every option, with its default', async t => {
  const text = help(command)
  for (const line of [
    /^Usage: npm run try -- \[options\]$/m, /^Tries things\.$/m, /^ {2}--faults kill\|all +what goes wrong \(kill\)$/m, /^ {2}--seed N +makes the same choices \(made up\)$/m,
    /^ {2}--only webhooks\|signup +one row$/m, /^ {2}--real-leases +leases run out by themselves$/m
  ]) t.match(text, line)
})
