import { PrismaPg } from '@prisma/adapter-pg'
import t from 'tap'
import { fromPrisma } from '../../src/adapters/index.js'
import { testAdapter } from './cases.js'
import { Prisma, PrismaClient } from './prisma-client/client.js'

testAdapter('Prisma', connectionString => {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: 1 }) })
  return {
    transaction: async work => await prisma.$transaction(async tx => await work(fromPrisma(tx), async id => await tx.hostUser.create({ data: { id } }))),
    isOwnError: (error, code) => error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2010' && error.message.includes(code),
    close: async () => await prisma.$disconnect()
  }
})

t.test('what is no transaction of Prisma is refused at once', async t => {
  for (const other of [undefined, null, 7, 'tx', {}, []]) {
    // @ts-expect-error none of these has `$queryRawUnsafe`
    t.throws(() => fromPrisma(other), new TypeError('fromPrisma takes an interactive transaction of Prisma: fromPrisma(tx).'))
  }
})
