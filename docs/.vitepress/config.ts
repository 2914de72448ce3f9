import { copyFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { defineConfig } from 'vitepress'
import { linkToRepository, nameFences, SERVED, showInlineCode, slugify } from '../../tools/docs/markdown.js'

const base = process.env.DOCS_BASE ?? '/'
const project = join(import.meta.dirname, '../..')

/** `npm run docs`. DOCS_BASE: the path under which it is served; DOCS_REPOSITORY: where the files that pages name can be read. */
export default defineConfig({
  title: 'fastify-affitor',
  description: 'Signups, Stripe payments and refunds reach Affitor exactly once and in order.',
  lang: 'en',
  base,
  head: [['link', { rel: 'icon', href: `${base}icon.svg` }]],
  vite: { publicDir: false, build: { chunkSizeWarningLimit: 2_000 } },
  markdown: {
    anchor: { slugify },
    languageAlias: { env: 'dotenv' },
    config (md) {
      linkToRepository(md, base, process.env.DOCS_REPOSITORY)
      nameFences(md)
      showInlineCode(md)
    }
  },
  // Pictures and a table of five columns need the room of the outline.
  transformPageData ({ relativePath, frontmatter }) {
    if (['concepts.md', 'faq.md'].includes(relativePath)) frontmatter.aside = false
  },
  async buildEnd ({ outDir }) {
    for (const file of [...SERVED, 'public/icon.svg']) await copyFile(join(project, file), join(outDir, basename(file)))
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 2],
    sidebar: [
      {
        text: 'Begin',
        items: [
          { text: 'What it is', link: '/' },
          { text: 'An existing app', link: '/quickstart-existing-app' },
          { text: 'Beside a backend', link: '/quickstart-beside-a-backend' },
          { text: 'Standalone', link: '/quickstart-standalone' },
          { text: 'The Fastify guide', link: '/guide' }
        ]
      },
      {
        text: 'Understand',
        items: [
          { text: 'How it works', link: '/concepts' },
          { text: 'Edge cases', link: '/edge-cases' },
          { text: 'Reliability', link: '/reliability' },
          { text: 'Beyond one machine', link: '/scale' },
          { text: 'Security', link: '/security' },
          { text: 'Questions', link: '/faq' }
        ]
      },
      {
        text: 'Run',
        items: [
          { text: 'When something is wrong', link: '/troubleshooting' },
          { text: 'Monitoring', link: '/monitoring' },
          { text: 'Metrics', link: '/metrics' },
          { text: 'Reasons', link: '/reasons' },
          { text: 'Environment', link: '/environment' },
          { text: 'The database', link: '/database' },
          { text: 'Other payment providers', link: '/other-providers' },
          { text: 'Personal data', link: '/personal-data' },
          { text: 'Upgrading, and leaving', link: '/upgrade-and-leave' },
          { text: 'Dependencies', link: '/dependencies' }
        ]
      },
      {
        text: 'API',
        items: [
          { text: 'Users', link: '/reference/users' },
          { text: 'Checkout', link: '/reference/checkout' },
          { text: 'Facts', link: '/reference/facts' },
          { text: 'Webhooks', link: '/reference/webhooks' },
          { text: 'Tracking', link: '/reference/tracking' },
          { text: 'Health', link: '/reference/health' },
          { text: 'Alerts', link: '/reference/alerts' },
          { text: 'Schemas', link: '/reference/schemas' }
        ]
      }
    ]
  }
})
