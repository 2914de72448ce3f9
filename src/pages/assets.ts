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

export interface AssetsOptions {
  /** Where they are served, without a slash at its end. */
  path: string
}

/** Serves `public/`, and the libraries under `lib/` in it: no page loads anything from elsewhere. */
export default fp<AssetsOptions>(async (app, { path }) => {
  await app.register(fastifyStatic, { root: packageFile('public'), prefix: `${path}/`, decorateReply: false })
  for (const [name, { folder }] of Object.entries(libraries)) {
    await app.register(fastifyStatic, {
      root: packageFile(folder), prefix: `${path}/lib/${name}/`, decorateReply: false, allowedPath: path => /\.(m?js|css)$/.test(path)
    })
  }
}, { name: 'assets' })

/**
 * The import map of a page's modules, as JSON.
 * @param assets where the page finds them, as an address without a slash at its end; a relative one begins with `./` or `../`
 */
export function importMap (assets: string): string {
  const imports = Object.fromEntries(Object.entries(libraries).flatMap(([name, { module }]) => [
    [name, `${assets}/lib/${name}/${module}`],
    [`${name}/`, `${assets}/lib/${name}/`]
  ]))
  // The name by which the service imports it too.
  return JSON.stringify({ imports: { ...imports, '#money': `${assets}/money.js` } })
}
