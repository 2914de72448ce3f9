import type { Test } from 'tap'
import { findChromium } from '../../src/checks/chromium.js'
import { pageChecks } from '../../src/checks/page.js'
import type { PageCheckOptions } from '../../src/checks/page.js'
import { startAffitor } from './affitor.js'
import { findings } from './checks.js'
import { serve } from './serve.js'
import type { Received, Served } from './serve.js'

/** What tests need to have pages looked at in Chromium. */
export async function startVisits (t: Test) {
  const chromium = findChromium(process.env)
  if (chromium === undefined) throw new Error('The browser tests need Chromium. Install it (`apt-get install chromium`), or set CHROMIUM_PATH to its program.')
  // By its teardown, and not by `after`, a file's whole test ends by itself.
  const affitor = await startAffitor({ after: end => { t.teardown(() => end()) } })
  const affitorUrl = affitor.url

  const check = async (url: string, options: Partial<PageCheckOptions> = {}, timeoutMs = 20_000) =>
    await findings(pageChecks({ url, programId: affitor.programId, affitorUrl, chromium, ...options }), timeoutMs)

  return {
    affitor,
    check,
    /** The tag as Affitor documents it. */
    tag: `<script src="${affitorUrl}/js/affitor-tracker.js" data-affitor-program-id="42" defer></script>`,
    checkPage: async (t: Test, head: string, body?: string, headers?: Served['headers']) => await check((await openPage(t, page(head, body, headers))).url)
  }
}

export function page (head: string, body = '', headers: Served['headers'] = {}): Served {
  return { headers: { 'content-type': 'text/html', ...headers }, body: `<!doctype html><html><head><title>Shop</title>${head}</head><body>${body}</body></html>` }
}

/** Serves a page at every address, and keeps what else arrives. */
export async function openPage (t: Test, answer: Served): Promise<{ url: string, posted: Received[] }> {
  const posted: Received[] = []
  const url = await serve(t, request => {
    if (request.method === 'GET' && !request.path.startsWith('/join')) return answer
    posted.push(request)
    return { status: 200, body: '{}' }
  })
  return { url, posted }
}

/** A signup form that a script sends. */
export function signupForm (script: string, fields = ''): string {
  return `<form><input type="email" name="email"><input type="password" name="password" autocomplete="new-password">${fields}<button>Sign up</button></form>
<script>document.querySelector('form').addEventListener('submit', event => {
  event.preventDefault()
  const { email, password } = Object.fromEntries(new FormData(event.target))
  ${script}
})</script>`
}
