import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import fastq from 'fastq'
import { ApiError } from '../../errors.js'

// OWASP Password Storage Cheat Sheet: argon2id (this library's default), 19 MiB, 2 iterations, 1 lane.
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/**
 * Most passwords in work at once. They are hashed in libuv's pool of 4 threads, which looks up host names too: one
 * thread is left for that.
 */
const AT_ONCE = Math.min(availableParallelism(), 3)
/**
 * Most passwords that wait their turn: half a second at 14 ms each and two at once, some seconds on a very busy
 * machine. The event loop is not late meanwhile, so nothing else would shed what comes on top.
 */
export const MOST_WAITING = 64

const queue = fastq.promise(async (work: () => Promise<unknown>) => await work(), AT_ONCE)

/** @throws {ApiError} OVERLOADED */
export async function hashPassword (password: string): Promise<string> {
  return await inTurn(() => hash(password, parameters))
}

let dummy: Promise<string> | undefined

/**
 * Checks a password. Takes the same time when there is no user (`passwordHash` undefined), so that an
 * answer's time does not tell which e-mails are registered.
 * @throws {ApiError} OVERLOADED, with no regard to whether there is a user
 */
export async function verifyPassword (passwordHash: string | undefined, password: string): Promise<boolean> {
  return await inTurn(async () => {
    dummy ??= hash('nobody has this password', parameters)
    const matches = await verify(passwordHash ?? await dummy, password)
    return matches && passwordHash !== undefined
  })
}

async function inTurn<T> (work: () => Promise<T>): Promise<T> {
  if (queue.length() >= MOST_WAITING) throw new ApiError('OVERLOADED')
  return await queue.push(work) as T
}
