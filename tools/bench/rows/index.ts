import type { Row } from '../row.js'
import { checkout } from './checkout.js'
import { drain } from './drain.js'
import { growth } from './growth.js'
import { latency } from './latency.js'
import { pipeline } from './pipeline.js'
import { signup } from './signup.js'
import { start } from './start.js'
import { webhooks } from './webhooks.js'

/** In the order of the table. */
export const rows: Row[] = [webhooks, signup, latency, drain, pipeline, growth, checkout, start]
