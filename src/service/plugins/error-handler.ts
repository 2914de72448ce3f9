import fp from 'fastify-plugin'
import { errorResponse } from '../../errors.js'
import { answerError } from '../../http/answer-error.js'

/** Errors, and what no route is there for, are answered in one shape. */
export default fp(async app => {
  const routes: Array<{ methods: string[], pattern: RegExp }> = []
  // OPTIONS is the preflight's, of any address.
  app.addHook('onRoute', ({ url, method }) => { routes.push({ methods: [method].flat().filter(name => name !== 'OPTIONS'), pattern: patternOf(url) }) })

  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?')
    const methods = new Set(routes.flatMap(({ methods, pattern }) => pattern.test(path) ? methods : []))
    // A route that has the method has answered itself that there is nothing.
    if (methods.size === 0 || methods.has(request.method)) return reply.code(404).send(errorResponse('NOT_FOUND', `There is no ${request.method} ${path}. See /docs.`))
    const allowed = [...methods].sort().join(', ')
    return reply.code(405).header('allow', allowed).send(errorResponse('METHOD_NOT_ALLOWED', `${path} takes no ${request.method}. It takes: ${allowed}.`))
  })
}, { name: 'error-handler' })

/** What the addresses of a route match: `:name` is one part of the path, and `*` the rest of it. */
function patternOf (url: string): RegExp {
  const source = url.split(/(:\w+|\*)/).map(part => part === '*' ? '.*' : part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')).join('')
  return new RegExp(`^${source}$`)
}
