// @ts-check
import { whileBusy } from '../busy.js'
import { askForAccount, isSignedIn, setUpAccount } from './account.js'
import { checkOut, Problem } from './api.js'
import { clickId, isArriving, knownClick } from './click.js'
import { element, leaveFor, say } from './page.js'

/**
 * The button whose offer waits until the visitor has an account.
 * @type {HTMLButtonElement | undefined}
 */
let wanted

setUpAccount(async () => {
  if (wanted === undefined) element('products', HTMLElement).focus()
  else await buy(wanted)
})

for (const button of document.querySelectorAll('button')) {
  if (button.dataset.priceId !== undefined) button.addEventListener('click', () => buy(button))
  button.disabled = false
}

showArrival()

/** @param {HTMLButtonElement} button of an offer */
async function buy (button) {
  const { priceId = '', mode, name } = button.dataset
  const notice = element(`problem-${priceId}`, HTMLElement)
  await whileBusy(button, async () => {
    say(notice, '')
    wanted = button
    if (!isSignedIn()) {
      askForAccount('signup', `Almost there: ${name} needs an account. The checkout opens right after.`)
      return
    }
    try {
      await leaveFor(await checkOut({ priceId, mode: mode === 'subscription' ? mode : 'payment' }))
    } catch (problem) {
      if (problem instanceof Problem && problem.code === 'UNAUTHORIZED') {
        askForAccount('login', `You were signed out meanwhile. Log in again, and the checkout for ${name} opens.`)
      } else {
        say(notice, problem instanceof Error ? problem.message : String(problem))
        button.focus()
      }
    }
  })
}

/** In the sandbox, says whether a partner brought the visitor; also when Affitor takes its time to record the click. */
async function showArrival () {
  const arrival = document.getElementById('arrival')
  if (arrival === null) return
  let click = await clickId()
  arrival.dataset.arrival = click === null ? 'alone' : 'brought'
  while (click === null && isArriving()) {
    await new Promise(resolve => setTimeout(resolve, 500))
    click = knownClick()
    if (click !== null) arrival.dataset.arrival = 'brought'
  }
}
