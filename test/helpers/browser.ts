import { existsSync } from 'node:fs'
import axe from 'axe-core'
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

/** Everything that a page complained of: console errors, exceptions, requests that failed or left these origins. */
export function watchPage (page: Page, ...origins: string[]): string[] {
  const complaints: string[] = []
  page.on('console', message => { if (message.type() === 'error') complaints.push(`console: ${message.text()}`) })
  page.on('pageerror', error => complaints.push(`exception: ${error.message}`))
  page.on('requestfailed', request => {
    const error = request.failure()?.errorText
    // Nothing failed: the page went elsewhere before the answer came.
    if (error !== 'net::ERR_ABORTED') complaints.push(`request failed: ${request.url()} ${error}`)
  })
  page.on('request', request => {
    if (!['data:', ...origins].some(origin => request.url().startsWith(origin))) complaints.push(`left the origin: ${request.url()}`)
  })
  return complaints
}

/** Width of a small telephone, in CSS pixels. */
const SMALL = 375

/**
 * Holds a page to what everybody needs, in light and in dark colours: no serious violation that axe-core finds, and
 * nothing that reaches out of a small telephone's screen. The page is left as it was.
 */
export async function auditPage (t: Test, page: Page, name: string): Promise<void> {
  const size = page.viewportSize() ?? { width: 1280, height: 800 }
  for (const colorScheme of ['dark', 'light'] as const) {
    // Without motion: colours halfway between the two schemes are nobody's.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // Evaluated, and not added as a script, which the page's own policy would refuse.
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate<axe.AxeResults>('axe.run()')
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    t.same(serious.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`), [], `${name}: accessible in ${colorScheme}`)
  }
  await page.setViewportSize({ width: SMALL, height: 800 })
  const width = await page.evaluate<number>('document.documentElement.scrollWidth')
  t.ok(width <= SMALL, `${name}: ${width} px wide on a screen of ${SMALL} px`)
  await page.setViewportSize(size)
}
