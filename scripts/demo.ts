import { main } from '../src/run.js'
import { connect } from './demo/connect.js'
import { compareWithAffitor } from './demo/compare.js'
import { runJourney } from './demo/journey.js'
import { printLedger } from './demo/print.js'

/**
 * The whole journey over HTTP: click, signup, checkout, payment, renewal, refund. Against the sandbox that runs on
 * PORT, or one that it starts itself. Ends with 0 only if the ledger and the Affitor stand-in agree.
 */
await main(async () => {
  const sandbox = await connect()
  try {
    const customerKey = await runJourney(sandbox)
    const ledger = await sandbox.ledger(customerKey)
    printLedger(ledger)
    const differences = await compareWithAffitor(sandbox, customerKey, ledger)
    for (const difference of differences) console.log(`  DIFFERENT: ${difference}`)
    process.exitCode = differences.length === 0 ? 0 : 1
  } finally {
    await sandbox.stop()
  }
})
