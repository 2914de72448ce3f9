import fastifyStatic from '@fastify/static'
import fp from 'fastify-plugin'
import { packageFile } from '../package-file.js'

/** Libraries that pages import, by the name of their import map: the folder that is served, and the module in it. */
const libraries = {
  'lit-html': { folder: 'node_modules/lit-html', module: 'lit-html.js' },
  'openapi-fetch': { folder: 'node_modules/openapi-fetch/dist', module: 'index.mjs' },
  uplot: { folder: 'node_modules/uplot/dist', module: 'uPlot.esm.js' },
  'fastify-affitor-client': { folder: 'sdk', module: 'index.js' }
} as const

/** Serves `public/` under `/assets/`, and the libraries under `/assets/lib/`: no page loads anything from elsewhere. */
export default fp(async app => {
  await app.register(fastifyStatic, { root: packageFile('public'), prefix: '/assets/', decorateReply: false })
  for (const [name, { folder }] of Object.entries(libraries)) {
    await app.register(fastifyStatic, {
      root: packageFile(folder), prefix: `/assets/lib/${name}/`, decorateReply: false, allowedPath: path => /\.(m?js|css)$/.test(path)
    })
  }
}, { name: 'assets' })

/**
 * The import map of a page's modules, as JSON.
 * @param basePath path that the service is reached under, without a slash at its end
 */
export function importMap (basePath: string): string {
  const imports = Object.fromEntries(Object.entries(libraries).flatMap(([name, { module }]) => [
    [name, `${basePath}/assets/lib/${name}/${module}`],
    [`${name}/`, `${basePath}/assets/lib/${name}/`]
  ]))
  // The name by which the service imports it too.
  return JSON.stringify({ imports: { ...imports, '#money': `${basePath}/assets/money.js` } })
}
