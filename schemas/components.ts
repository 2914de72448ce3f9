// The named components of the contract: what other schemas and routes refer to.
export { AlertMessage } from './alert.js'
export { ErrorDetail, ErrorResponse } from './error.js'
export { InstallationCheck, InstallationChecks } from './checks.js'
export { Authentication, SignupRequest } from './signup.js'
export { CustomerStory, DeliveryAttempt, OperatorAction, StartedCheckout, StoryAction, StoryAttempt, StoryCheckout, StoryEntry, StoryFact, StoryStripeEvent } from './customer-story.js'
export { Attention, AttentionGroup, ChangedByReason, CustomerSearch, FoundCustomer, FoundSales } from './operator.js'
export { CurrencyFunnel, DeliveryBucket, DeliveryReport, Period, ProgramStatus, TrackingFunnel } from './reports.js'
export {
  CustomerExport, ExportedAttempt, ExportedCheckout, ExportedStripeEvent, PersonalDataRemoval, SaleReference, StripeReference
} from './personal-data.js'
export { LoginRequest } from './login.js'
export { CheckoutRequest, CheckoutSession } from './checkout.js'
export { AttributionMetadata, AttributionRequest, LeadReport, RefundReport, SaleReport, StripeEventReceipt, StripeEventReport } from './facts.js'
export { StripeEventData, StripeObject, StripeSnapshotEvent, WebhookReceipt } from './stripe-webhook.js'
export { DeliveryStatus, Liveness, Readiness } from './health.js'
export { LeadPayload, RefundPayload, SalePayload, UnreadablePayload } from './payloads.js'
export { FactSource, LeadEvent, RefundEvent, SaleEvent, TrackingEvent, TrackingKind, TrackingState } from './tracking-event.js'
export {
  StripeEventCount, StripeEventPage, StripeEventRecord as StripeEvent, StripeEventState, TrackingCount, TrackingEventPage, TrackingSummary
} from './tracking.js'
