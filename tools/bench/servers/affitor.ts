import { startFake } from '../../harness/fake-affitor.js'
import { variable } from './receiver.js'

/** The fake of Affitor in a process of its own, so that it has time to spare. */
const body = JSON.stringify({ success: true, sale_id: 1, commission_id: 1, message: 'Sale recorded' })
process.once('SIGTERM', () => process.exit())
await startFake({ body, latencyMs: Number(variable('LATENCY_MS')) }, Number(variable('PORT')))
