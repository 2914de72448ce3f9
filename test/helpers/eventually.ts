import { setTimeout as delay } from 'node:timers/promises'

/** Asks again until the answer is true: for what happens soon, but at no known moment. */
export async function eventually (what: string, ask: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  for (const end = performance.now() + seconds * 1000; !await ask(); await delay(20)) {
    if (performance.now() > end) throw new Error(`Not within ${seconds} seconds: ${what}`)
  }
}
