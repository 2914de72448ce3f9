import { buildApp } from '../../src/service/app.js'
import { loadConfig } from '../../src/service/config.js'

/** The document as the service serves it with default settings. No database is asked for it. */
export async function openapiDocument (): Promise<string> {
  const config = loadConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', WORKERS: 'false', DATABASE_URL: 'postgres://localhost/unused' })
  const app = await buildApp(config)
  try {
    await app.ready()
    return `${JSON.stringify(app.swagger(), null, 2)}\n`
  } finally {
    await app.close()
  }
}
