import { Password } from '../../../schemas/common.js'

let known: Promise<Set<string>> | undefined

/**
 * Whether a password is one of those that are tried first: 18,000 of its least length or more, from lists of what was
 * stolen elsewhere. Upper and lower case are the same, as they are to whoever guesses.
 */
export async function isCommonPassword (password: string): Promise<boolean> {
  known ??= load()
  return (await known).has(password.toLowerCase())
}

/** Unpacked with the first signup, in 0.1 seconds: the start need not wait for it. */
async function load (): Promise<Set<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  return new Set(dictionary['passwords-common'].filter(password => password.length >= Number(Password.minLength)))
}
