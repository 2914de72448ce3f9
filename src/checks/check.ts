/** What a check found. */
export type Finding =
  | { status: 'pass', message: string }
  /** `fix` says what a person does now. */
  | { status: 'fail', message: string, fix: string }
  /** It could not be checked; the message says why. */
  | { status: 'skip', message: string }

/** One question about an installation; it changes nothing. */
export interface Check {
  /** Lower case with hyphens: `stripe-endpoint-events`. */
  name: string
  /**
   * Asks. What it throws is a failure that nobody foresaw.
   * @param signal aborted when time is up
   */
  run (signal: AbortSignal): Promise<Finding>
}

export interface CheckResult {
  check: string
  status: Finding['status']
  message: string
  /** What to do; null unless it failed. */
  fix: string | null
}

export const pass = (message: string): Finding => ({ status: 'pass', message })
export const fail = (message: string, fix: string): Finding => ({ status: 'fail', message, fix })
export const skip = (message: string): Finding => ({ status: 'skip', message })

/** Checks of these names that cannot be made, for one reason. */
export function cannotCheck (names: string[], why: string): Check[] {
  return names.map(name => ({ name, run: async () => skip(why) }))
}

export interface RunOptions {
  /** Longest time that one check takes, in milliseconds. */
  timeoutMs: number
  /** Never shown, wherever they come from. */
  secrets: string[]
  /** Is told each result at once. */
  onResult? (result: CheckResult): void
}

/** Makes all checks, side by side; results come in the order of the checks. Never rejects. */
export async function runChecks (checks: Check[], { timeoutMs, secrets, onResult = () => {} }: RunOptions): Promise<CheckResult[]> {
  const hide = (text: string) => secrets.filter(secret => secret !== '').reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text)
  const running = checks.map(async ({ name, run }): Promise<CheckResult> => {
    const finding = await inTime(run, timeoutMs)
    return { check: name, status: finding.status, message: hide(finding.message), fix: finding.status === 'fail' ? hide(finding.fix) : null }
  })
  const results: CheckResult[] = []
  for (const result of running) {
    results.push(await result)
    onResult(await result)
  }
  return results
}

async function inTime (run: Check['run'], timeoutMs: number): Promise<Finding> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Finding>(resolve => {
    timer = setTimeout(() => {
      controller.abort(new Error('Time is up'))
      resolve(fail(`There was no answer within ${timeoutMs / 1000} s.`, 'Look whether the address is right and reachable from here, and run this again.'))
    }, timeoutMs)
  })
  try {
    return await Promise.race([run(controller.signal), late])
  } catch (error) {
    return fail(`The check itself failed: ${(error as Error).message}`, 'Run this again; if it stays, report it with this message.')
  } finally {
    clearTimeout(timer)
  }
}
