import { loadWithoutDatabase } from './with-database.js'
import { main } from '../src/service/run.js'
import { readArguments } from '../src/cli/arguments.js'
import { compareWithAffitor } from './demo/compare.js'
import { runJourney } from './demo/journey.js'
import { takeSandbox } from './demo/named.js'
import { startOwnSandbox } from './demo/own.js'
import { printLedger } from './demo/print.js'

const USAGE = `Usage: npm run demo -- [--url http://localhost:3000 [--token ...]]

The whole journey over HTTP: click, signup, checkout, payment, renewal, refund; then the ledger is held against what the
Affitor stand-in recorded. It starts a sandbox of its own that is gone afterwards, and uses no account and no database
of yours. Ends with 0 only if both agree.
  --url    a sandbox that \`npm start\` runs, to use instead; anything else is refused
  --token  its operator's token, if it was given an ADMIN_TOKEN of its own`

await main(async () => {
  const { url, token = loadWithoutDatabase({}).ADMIN_TOKEN[0] } = readArguments({ url: { type: 'string' }, token: { type: 'string' } }, USAGE)
  const sandbox = url === undefined ? await startOwnSandbox() : await takeSandbox(url, token)
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
