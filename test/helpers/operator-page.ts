import type { Page } from 'playwright-core'

/** The operator page's cards, as selectors. */
export const attention = 'section[aria-labelledby="attention-heading"]'
export const pending = 'section[aria-labelledby="pending-heading"]'
export const events = 'section[aria-labelledby="events-heading"]'

export async function signIn (page: Page, token: string): Promise<void> {
  await page.getByLabel('Operator token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Waits until an element has a text. */
export async function shows (page: Page, selector: string, hasText: string | RegExp): Promise<void> {
  await page.locator(selector, { hasText }).first().waitFor()
}
