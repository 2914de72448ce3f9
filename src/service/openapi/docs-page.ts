import { readFileSync } from 'node:fs'
import type { FastifySwaggerUiOptions } from '@fastify/swagger-ui'
import { packageFile } from '../../package-file.js'
import { inSandbox } from './sandbox-document.js'
import type { DocsSandbox } from './sandbox-document.js'

/** What public/docs gives to Swagger UI's page. */
interface DocsPage {
  docsPlugin: (system: unknown) => object
  signForSandbox: (request: object) => Promise<object>
}

/** The same request for Bash, PowerShell and cmd. The types do not know the option. */
const SNIPPETS = { requestSnippetsEnabled: true }

/** Swagger UI, with what public/docs adds to it. */
export function docsPage (sandbox: DocsSandbox | undefined): FastifySwaggerUiOptions {
  const file = (name: string) => readFileSync(packageFile(`public/docs/${name}`), 'utf8')
  const signing = sandbox && `globalThis.signForSandbox = request => signAsStripe(request, ${JSON.stringify(sandbox.webhookPath)}, ${JSON.stringify(sandbox.webhookSecret)})\n`
  return {
    routePrefix: '/docs',
    theme: {
      title: 'fastify-affitor: the API',
      css: [{ filename: 'theme.css', content: file('theme.css') }],
      js: [
        { filename: 'plugin.js', content: file('plugin.js') },
        ...signing === undefined ? [] : [{ filename: 'sandbox.js', content: file('sandbox.js') + signing }]
      ]
    },
    uiConfig: {
      // The bar of the standard layout is for loading other documents.
      layout: 'BaseLayout',
      // Of a component that another plugin changes too, both changes hold.
      pluginsOptions: { pluginLoadType: 'chain' },
      deepLinking: true,
      filter: true,
      persistAuthorization: true,
      tryItOutEnabled: true,
      ...SNIPPETS,
      displayRequestDuration: true,
      // The one of its themes in which every colour can be read.
      syntaxHighlight: { theme: 'obsidian' },
      // The service's scripts come after Swagger UI's, so their names are looked up when it starts. These are sent as text.
      plugins: [system => (globalThis as unknown as DocsPage).docsPlugin(system)],
      ...sandbox && { requestInterceptor: request => (globalThis as unknown as DocsPage).signForSandbox(request) }
    },
    ...sandbox && { transformSpecification: document => inSandbox(document, sandbox) }
  }
}
