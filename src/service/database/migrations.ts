import type { MigrationSet } from '../../db/migrate.js'

/** The service's own tables: its users. */
export const serviceMigrations: MigrationSet = {
  schema: 'affitor_service',
  folder: 'migrations/service',
  remedy: 'Start the service, which applies it.'
}
