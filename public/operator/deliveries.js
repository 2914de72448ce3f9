// @ts-check
import { html } from 'lit-html'
import { ref } from 'lit-html/directives/ref.js'
import { counted, table } from './parts.js'
import { span } from './time.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/**
 * Calls to Affitor over time: a plot, the same as a sentence, and the same as a table.
 * @param {Schemas['DeliveryReport']} report
 * @param {import('./chart.js').DeliveryChart} chart
 * @param {number | null} pointedAt index of a bucket
 */
export function deliveriesView ({ buckets, bucketSeconds }, chart, pointedAt) {
  const answered = buckets.reduce((sum, bucket) => sum + bucket.answered, 0)
  const failed = buckets.reduce((sum, bucket) => sum + bucket.failed, 0)
  const bucket = buckets[pointedAt ?? -1]
  const text = sentence(answered, failed)
  return html`
    <section class="card" aria-labelledby="deliveries-heading">
      <div class="head">
        <h2 id="deliveries-heading">Calls to Affitor</h2>
        <ul class="legend small"><li class="answered">answered</li><li class="failed">failed, made again</li></ul>
      </div>
      <p class="quiet small number">${bucket === undefined ? text : `${when(bucket, bucketSeconds)}: ${sentence(bucket.answered, bucket.failed)}`}</p>
      <div class="plot" role="img" aria-label=${text} ${ref(chart.attach)}></div>
      <details>
        <summary class="small">As a table</summary>
        <div class="scroll" role="region" aria-label="Calls to Affitor as a table" tabindex="0">${table({
          caption: 'Calls to Affitor over time',
          head: ['Time', '>Answered', '>Failed'],
          rows: buckets.map(bucket => html`
            <tr><th scope="row">${when(bucket, bucketSeconds)}</th><td class="amount number" data-label="Answered">${bucket.answered}</td><td class="amount number" data-label="Failed">${bucket.failed}</td></tr>`)
        })}</div>
      </details>
    </section>`
}

/**
 * @param {number} answered
 * @param {number} failed
 */
function sentence (answered, failed) {
  if (answered + failed === 0) return 'No call was made.'
  return `${counted(answered, 'call')} answered, ${failed === 0 ? 'none' : failed.toLocaleString('en')} failed.`
}

/**
 * @param {Schemas['DeliveryBucket']} bucket
 * @param {number} seconds
 */
const when = ({ at }, seconds) => span(new Date(at), seconds)
