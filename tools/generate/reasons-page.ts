import { reasons } from '../../schemas/reasons.js'

const introduction = `# Reasons

Generated from \`schemas/reasons.ts\` by \`npm run generate\`. Why a Stripe event became no fact, or a fact ended as it
did: \`reason\` of the operator's lists, what it means, and what a person does about it. Without an entry in the last
column nothing needs to be done.

| reason | meaning | what to do |
| --- | --- | --- |
`

/** The page that explains every reason. */
export function reasonsPage (): string {
  const rows = Object.entries<{ meaning: string, advice?: string, notAgain?: string }>(reasons).map(([reason, { meaning, advice = '', notAgain }]) =>
    `| \`${reason}\` | ${meaning} | ${[advice, notAgain === undefined ? '' : `No retry: ${notAgain}`].filter(Boolean).join(' ')} |`)
  return `${introduction}${rows.join('\n')}\n`
}
