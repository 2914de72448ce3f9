export { default } from './plugin.js'
export { createAffitor } from './engine.js'
export type {
  Affitor, AttributedCustomer, AttributionMetadata, RequestWithClick, TrackLeadInput, TrackOptions, TrackRefundInput, TrackResult, TrackSaleInput
} from './affitor.js'
export type { SqlExecutor } from './database.js'
export * from './adapters/index.js'
export type {
  AffitorAccountOptions, AffitorOptions, AffitorPluginOptions, AlertOptions, DeliveryOptions, MetricsOptions, MetricsRegistry, OperatorOptions, PgPool, SalesOptions, WebhookOptions
} from './options.js'
