import { hash, verify } from '@node-rs/argon2'

// OWASP Password Storage Cheat Sheet: argon2id (this library's default), 19 MiB, 2 iterations, 1 lane.
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export async function hashPassword (password: string): Promise<string> {
  return await hash(password, parameters)
}

let dummy: Promise<string> | undefined

/**
 * Checks a password. Takes the same time when there is no user (`passwordHash` undefined), so that an
 * answer's time does not tell which e-mails are registered.
 */
export async function verifyPassword (passwordHash: string | undefined, password: string): Promise<boolean> {
  dummy ??= hashPassword('nobody has this password')
  const matches = await verify(passwordHash ?? await dummy, password)
  return matches && passwordHash !== undefined
}
