import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import type { Test } from 'tap'

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/** The browser to test with: CHROMIUM_PATH, or one that is installed. */
function findChromium (): string {
  const path = process.env.CHROMIUM_PATH ?? CANDIDATES.find(existsSync)
  if (path === undefined || !existsSync(path)) {
    throw new Error('The browser tests need Chromium. Install it (`apt-get install chromium`), or set CHROMIUM_PATH to its program.')
  }
  return path
}

/** A headless browser that closes with the test. */
export async function startBrowser (t: Test): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: findChromium(),
    // A container's root has no user namespace for the sandbox; nothing but our own pages is opened.
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  })
  t.teardown(() => browser.close())
  return browser
}

/** Everything that a page complained of: console errors, exceptions, requests that failed or left the origin. */
export function watchPage (page: Page, origin: string): string[] {
  const complaints: string[] = []
  page.on('console', message => { if (message.type() === 'error') complaints.push(`console: ${message.text()}`) })
  page.on('pageerror', error => complaints.push(`exception: ${error.message}`))
  page.on('requestfailed', request => complaints.push(`request failed: ${request.url()} ${request.failure()?.errorText}`))
  page.on('request', request => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) complaints.push(`left the origin: ${request.url()}`)
  })
  return complaints
}
