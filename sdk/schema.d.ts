// Generated from openapi.json by `npm run generate`.

export interface paths {
    "/api/signup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign up
         * @description Stores the user and the lead together, and answers without waiting for Affitor.
         */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log in
         * @description Takes the same time whether or not the e-mail is known.
         */
        post: operations["logIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log out
         * @description Removes the cookie from the browser; whoever has none is logged out already. A token that was kept elsewhere stays valid until it expires.
         */
        post: operations["logOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/checkout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start a checkout
         * @description Creates a Stripe Checkout Session that carries the attribution. The buyer is the authenticated user.
         */
        post: operations["createCheckout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/stripe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive a Stripe event
         * @description Stripe calls this. It signs the body's bytes: `Stripe-Signature` is `t=<seconds>,v1=<hex>`, where `v1` is the HMAC-SHA256 of `<t>.<body>` with the endpoint's signing secret, and `t` at most 300 seconds old. The answer is 200 once the event is stored for good; anything else makes Stripe send it again. Event types that are not needed are answered 200 too.
         */
        post: operations["receiveStripeEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find customers
         * @description By e-mail, customer key, any id of Stripe, transaction id or click id: the customers that it belongs to, and why it matched.
         */
        get: operations["searchCustomers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/attention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Say what needs a person
         * @description What needs attention, by reason, each with what to do about it.
         */
        get: operations["getAttention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/attention/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send all facts of one reason again
         * @description All that need attention for this reason, each as if it alone were retried. 409 where sending again would be wrong.
         */
        post: operations["retryByReason"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/attention/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that a person has dealt with all facts of one reason
         * @description All that need attention for this reason, each with the same note.
         */
        post: operations["resolveByReason"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List tracking events
         * @description Newest first, a page at a time.
         */
        get: operations["listTrackingEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/events/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a tracking event
         * @description One fact, and what became of it.
         */
        get: operations["getTrackingEvent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/events/{id}/hold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a tracking event out of line
         * @description For pending events: it needs attention then, and its customer's later ones go on, but for refunds of a sale that was taken out. 409 while it is being sent. A retry sends it after all.
         */
        post: operations["holdTrackingEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/events/{id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that a person has dealt with a tracking event
         * @description For events that need attention: it leaves them, and stays in the story with the note. Nothing is sent. A retry, or a reopening, undoes it. 409 when it needs no attention.
         */
        post: operations["resolveTrackingEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/events/{id}/reopen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have a tracking event need attention again
         * @description Undoes its resolution. 409 when it is not resolved.
         */
        post: operations["reopenTrackingEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/events/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a tracking event again
         * @description For events that need attention, were refused, or were not attributed: the next attempt is made at once. With a sale go the refunds that ended because of it. 409 where sending again would be wrong: `retryable` tells before.
         */
        post: operations["retryTrackingEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/events.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export tracking events as CSV
         * @description What the list shows with the same filters, newest first, as a file: at most 50,000 rows. The header `x-truncated` is `true` when there are more: narrow the filters then. Amounts are in the currency's smallest unit.
         */
        get: operations["exportTrackingEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/stripe-events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List stored Stripe events
         * @description Newest first, a page at a time, each with what was made of it and why.
         */
        get: operations["listStripeEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/stripe-events/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a stored Stripe event
         * @description One event, what was made of it and why.
         */
        get: operations["getStripeEvent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/stripe-events/{id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that a person has dealt with a Stripe event
         * @description For events that could not be read: it no longer needs attention, and stays in the story with the note. Reading it again, or reopening it, undoes that. 409 when it needs no attention.
         */
        post: operations["resolveStripeEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/stripe-events/{id}/reopen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have a Stripe event need attention again
         * @description Undoes its resolution. 409 when it is not resolved.
         */
        post: operations["reopenStripeEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/stripe-events/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read a Stripe event again
         * @description Has a stored event interpreted again at once, after a rule or a setting has changed. A fact that is in the ledger stays as it is.
         */
        post: operations["retryStripeEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/customers/{customerKey}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell a customer's story
         * @description Click, lead, sessions, sales, renewals, refunds and every attempt, in order, each with why it was not attributed if it was not.
         */
        get: operations["getCustomerStory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/customers/{customerKey}/personal-data": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete a customer's personal data
         * @description Removes e-mail, click id, and what else tells who the customer is, from facts, Stripe events, attempts and notes, and from what still comes. Amounts and ids stay, so that nothing is counted twice. 409 while something of the customer is on its way.
         */
        delete: operations["deletePersonalData"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/customers/{customerKey}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export a customer
         * @description Everything that is stored of one customer, as a file.
         */
        get: operations["exportCustomer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Summarise the ledger
         * @description Counts of facts and of stored Stripe events by state, how long the oldest pending fact has waited, and whether delivery is paused.
         */
        get: operations["getTrackingSummary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/funnel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report the funnel
         * @description Leads, checkouts and sales of a period, with revenue, refunds and commission per currency. The last 24 hours by default.
         */
        get: operations["getTrackingFunnel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report deliveries over time
         * @description How many calls to Affitor were answered and how many failed, in buckets over a period. The last 24 hours by default.
         */
        get: operations["getDeliveryReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/checks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Say whether everything is connected right
         * @description What `npx fastify-affitor verify` checks, at most a minute old, without what takes a browser or is limited: the database and its workers, Stripe's key and endpoint, the webhook, Affitor's key and program, and what the facts so far show.
         */
        get: operations["getChecks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tracking/program": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask Affitor how the program stands
         * @description What Affitor says of the configured program, at most half a minute old. 503 while Affitor cannot be asked.
         */
        get: operations["getProgramStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/leads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report a lead
         * @description A customer signed up. 201 once it is stored; Affitor is told from then on. 200 when it was there already with the same content, so a request whose answer was lost is sent again as it was; 409 when it was there with other content, whoever brought it. A field that is left out is not compared.
         */
        post: operations["reportLead"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sales": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report a sale
         * @description A customer paid, by whatever provider. Not what Stripe tells of anyway: that would count twice, unless it is reported by the same id. 201 once it is stored; Affitor is told from then on. 200 when it was there already with the same content, so a request whose answer was lost is sent again as it was; 409 when it was there with other content, whoever brought it. A field that is left out is not compared.
         */
        post: operations["reportSale"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report a refund
         * @description Money of a sale was given back, at most what is left of it. 404 while the sale is not known: report it again after the sale. 201 once it is stored; Affitor is told from then on. 200 when it was there already with the same content, so a request whose answer was lost is sent again as it was; 409 when it was there with other content, whoever brought it. A field that is left out is not compared.
         */
        post: operations["reportRefund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/attribution": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get what attributes a payment
         * @description The metadata to put on Stripe objects that the backend makes itself: on a Checkout Session, and, as renewals and refunds do not carry the session's, on its `subscription_data` or `payment_intent_data` too.
         */
        post: operations["getAttribution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/stripe-events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report a Stripe event
         * @description For a backend that receives Stripe's events itself. The event is fetched from Stripe by its id before it is believed, unless the request carries Stripe's `Stripe-Signature` and the body byte for byte. 200 once it is stored for good; event types that are not needed are answered 200 too.
         */
        post: operations["reportStripeEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is the process alive?
         * @description Answers as long as the process does.
         */
        get: operations["getLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Can it serve?
         * @description 503 while the database is away, and from the signal to stop on.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    alert: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive an alert
         * @description Posted to `ALERT_WEBHOOK_URL`: at most once an hour for each cause while it lasts, and once when it is over. Slack's incoming webhooks take it as it is. What is not answered 2xx is sent again.
         */
        post: operations["receiveAlert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        /**
         * Alert message
         * @description Something that a person should know of, or that it is over. Without personal data.
         * @example {
         *       "text": "3 facts need attention: 3 transaction_id_used_up. https://api.example.com/operator",
         *       "cause": "attention",
         *       "state": "raised",
         *       "since": "2026-11-01T12:00:00.000Z",
         *       "count": 3,
         *       "operatorUrl": "https://api.example.com/operator"
         *     }
         */
        AlertMessage: {
            /**
             * @description In words: what Slack and its like show.
             * @example 3 facts need attention: 3 transaction_id_used_up. https://api.example.com/operator
             */
            text: string;
            /**
             * @description `attention`: something needs a person. `delivery_paused`: Affitor refuses the API key. `delivery_late`: a fact has waited for an hour.
             * @example attention
             * @enum {string}
             */
            cause: "attention" | "delivery_paused" | "delivery_late";
            /**
             * @description Whether it is so now, or is over.
             * @example raised
             * @enum {string}
             */
            state: "raised" | "over";
            /**
             * Format: date-time
             * @description Since when the cause lasts, or lasted; ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            since: string;
            /**
             * @description Of `attention`: how many facts and Stripe events.
             * @example 3
             */
            count?: number;
            /**
             * @description Of `delivery_late`: age of the oldest fact that waits, in seconds.
             * @example 3720
             */
            oldestSeconds?: number;
            /**
             * @description Address of the operator page.
             * @example https://api.example.com/operator
             */
            operatorUrl?: string;
        };
        /**
         * Attention
         * @description What needs a person, by reason.
         */
        Attention: {
            /** @description Those with the most first. */
            groups: components["schemas"]["AttentionGroup"][];
        };
        /**
         * Attention group
         * @description What needs attention for one reason.
         */
        AttentionGroup: {
            /**
             * @description Tracking events, or Stripe events that could not be read.
             * @example fact
             * @enum {string}
             */
            kind: "fact" | "stripe_event";
            /**
             * @description Why they need attention, for a program. Later releases may add others. `mode_mismatch`: The event is of the other Stripe mode (live or test) than the configured key. `not_a_payment`: The Checkout Session only saves a payment method; no money moved. `unpaid`: Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes. `payment_failed`: The payment did not clear, so there is no sale. `zero_amount`: The amount is 0 (a trial, a coupon or credit), so there is nothing to earn a commission on. `no_customer`: Nothing in the event, the ledger or Stripe tells which of our customers paid. `other_program`: The metadata names another Affitor program. `no_metadata`: The payment carries none of our metadata and belongs to no subscription, quote or checkout of ours. `connected_account`: The event is of a connected account that is not among those whose payments are counted. `upgrade_not_counted`: Payments for a change in mid-cycle are not counted (COUNT_UPGRADES, option sales.countUpgrades, is false). `out_of_band_not_counted`: The invoice was paid outside of Stripe, which is not counted (COUNT_OUT_OF_BAND_PAYMENTS, option sales.countOutOfBandPayments, is false). `joins_payment`: Joins a payment to its invoice; the invoice itself is the sale. `waiting_for_sale`: The sale that was refunded has not been seen yet. `sale_not_found`: The sale that was refunded never arrived: it was not one of ours. `refund_pending`: The refund has not gone through yet. `refund_failed`: The refund did not go through; the money stayed with us. `hold_released`: Stripe gave back what was held and never captured: no money moved. `credit_note_without_money`: The credit note gives nothing back by itself: its refund has its own event, and what it credits makes a later payment smaller. `credit_note_voided`: The credit note was voided: the money stayed with us. `dispute_open`: The dispute is not decided yet. `dispute_warning`: An inquiry, not a dispute: no money moved. `dispute_won`: The dispute was won: the money stayed with us. `dispute_prevented`: The dispute was prevented before any money moved. `already_counted`: Every fact in this event is in the ledger already. `interpretation_failed`: The event could not be read: a fault of this program or of the event. `recorded_earlier`: Affitor had recorded it already; an earlier answer was lost. `provisional`: Affitor took the lead provisionally. `further_along`: Affitor knows this customer as a lead or buyer already. `customer_not_found`: Affitor knows no click for this customer: no partner brought them. `no_attribution`: Affitor found no partner who earned this. `attribution_window_expired`: The click is older than the program's attribution window. `no_commission`: Affitor recorded the sale without a commission. `twin_of_session`: The same payment is counted as its Checkout Session. `recorded_by_connect`: Affitor records sales itself through Stripe Connect (AFFITOR_SALE_SOURCE, option affitor.saleSource, is connect). `sale_not_attributed`: The refunded sale earned no commission, so there is nothing to take back. `sale_not_sent`: The refunded sale was not sent to Affitor, so there is nothing to take back. `sale_needs_attention`: The refunded sale itself needs attention first. `lead_needs_attention`: The customer's lead itself needs attention first. `sale_unknown_to_affitor`: Affitor does not know the refunded sale. `held_by_operator`: An operator took it out of line. `later_refund_not_applied`: Affitor applies one refund a sale and had one before: this one took nothing back from the partner. `refund_outcome_unknown`: Affitor has a refund of this sale; whether it is this one or another, no answer told. `refund_failed_after_sent`: Affitor was told of this refund, then it failed: the partner is owed the commission. Affitor documents no way back. `credit_note_voided_after_sent`: Affitor was told of this credit note as a refund, then it was voided: the partner is owed the commission. Affitor documents no way back. `dispute_won_after_reversal`: Affitor was told of this dispute as lost, then it was won: the partner is owed the commission. Affitor documents no way back. `unsupported_currency`: The currency is not among those that Affitor takes (SALE_CURRENCIES, option sales.currencies). `refused`: Affitor refused it; the last error tells why. `transaction_id_used_up`: An attempt ended in a server error, then Affitor said the transaction id exists: the commission may be missing. `retries_exhausted`: Affitor could not be reached, failed or refused it for the whole retry time; the last error tells how. `malformed`: The row cannot be sent: a fault of this program.
             * @example transaction_id_used_up
             */
            reason: string | null;
            /**
             * @description The reason in words.
             * @example An attempt ended in a server error, then Affitor said the transaction id exists: the commission may be missing.
             */
            explanation: string | null;
            /**
             * @description What a person does now.
             * @example Look in Affitor for a commission of this sale. If there is one, resolve.
             */
            advice: string | null;
            /**
             * @description Whether sending or reading them again may help.
             * @example true
             */
            retryable: boolean;
            /**
             * @description How many there are.
             * @example 3
             */
            count: number;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            oldestSince: string;
        };
        /**
         * Attribution metadata
         * @description Metadata for Stripe objects, by which their payments are attributed.
         */
        AttributionMetadata: {
            /**
             * @description Customer key: the user's id, as Affitor and Stripe know it.
             * @example 0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11
             */
            affitor_customer_key: string;
            /**
             * @description Affitor's id of the program.
             * @example 42
             */
            program_id: string;
            /**
             * @description The click that brought the customer; absent when none is known.
             * @example cust_42_1714000000000
             */
            affitor_click_id?: string;
        };
        /**
         * Attribution request
         * @description Whose a payment is going to be.
         */
        AttributionRequest: {
            /**
             * @description Customer key: the user's id, as Affitor and Stripe know it.
             * @example 0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11
             */
            customerKey: string;
            /**
             * @description The click that brought the customer. Null, empty or absent: that of the customer's lead, if there is one.
             * @example cust_42_1714000000000
             */
            clickId?: string | null;
        };
        /**
         * Authentication
         * @description Who the user is, and the token that proves it.
         */
        Authentication: {
            /**
             * @description The user's id. Affitor and Stripe know it as the customer key.
             * @example 0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11
             */
            userId: string;
            /**
             * @description Send it as `Authorization: Bearer <accessToken>`. Valid for 12 hours. Browsers get it as an HttpOnly cookie too.
             * @example eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwYjBlM2YwZSJ9.c2lnbmF0dXJl
             */
            accessToken: string;
        };
        /**
         * Changed by reason
         * @description What was done to all facts of one reason.
         */
        ChangedByReason: {
            /**
             * @description How many facts it was done to: at most 1,000 a call.
             * @example 12
             */
            changed: number;
            /**
             * @description How many of this reason still need attention; call again while there are some.
             * @example 0
             */
            remaining: number;
        };
        /**
         * Checkout request
         * @description What to buy. The buyer is always the authenticated user.
         */
        CheckoutRequest: {
            /**
             * @description Id of the Stripe price to buy.
             * @example price_sandbox_onetime
             */
            priceId: string;
            /**
             * @description `payment` for a one-time price, `subscription` for a recurring one.
             * @example payment
             * @enum {string}
             */
            mode: "payment" | "subscription";
            /**
             * @description How many. Default: 1.
             * @example 1
             */
            quantity?: number;
            /**
             * @description What `window.affitor.getClickId()` returned. Null, empty or absent: the visitor came without a partner, or the `affitor_click_id` cookie tells.
             * @example cust_42_1714000000000
             */
            affitorClickId?: string | null;
        };
        /**
         * Checkout Session
         * @description A Stripe Checkout Session, ready for the buyer.
         */
        CheckoutSession: {
            /**
             * @description Id of the Stripe Checkout Session.
             * @example cs_test_a1b2c3
             */
            sessionId: string;
            /**
             * Format: uri
             * @description Where to send the buyer.
             * @example https://checkout.stripe.com/c/pay/cs_test_a1b2c3
             */
            url: string;
        };
        /**
         * Currency funnel
         * @description Payments in one currency.
         */
        CurrencyFunnel: {
            /**
             * @description ISO 4217 code, upper case.
             * @example USD
             */
            currency: string;
            /**
             * @description Payments.
             * @example 12
             */
            sales: number;
            /**
             * @description Payments that earned a partner a commission.
             * @example 9
             */
            attributedSales: number;
            /**
             * @description What was paid, in the currency's smallest unit.
             * @example 58800
             */
            revenueCents: number;
            /**
             * @description What was given back, in the currency's smallest unit.
             * @example 4900
             */
            refundedCents: number;
            /**
             * @description What partners earned, less what refunds took back, in the currency's smallest unit. An estimate by COMMISSION_PERCENT: Affitor does not tell it. Null when that is not configured; negative when more was taken back than earned.
             * @example 7840
             */
            commissionCents: number | null;
        };
        /**
         * Customer export
         * @description Everything that is stored of one customer.
         */
        CustomerExport: {
            /**
             * @description Customer key: the user's id, as Affitor and Stripe know it.
             * @example 0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11
             */
            customerKey: string;
            /**
             * Format: date-time
             * @description When the personal data was deleted; null when it was not.
             * @example null
             */
            forgottenAt: string | null;
            /**
             * @description What the app itself has of the customer; null when it tells nothing.
             * @example {
             *       "email": "ada@example.com"
             *     }
             */
            user: unknown;
            /** @description What Affitor is told, oldest first, with its answers. */
            facts: components["schemas"]["TrackingEvent"][];
            /** @description Calls to Affitor, oldest first. */
            attempts: components["schemas"]["ExportedAttempt"][];
            /** @description Stored Stripe events, oldest first, also those that only mention the customer. */
            stripeEvents: components["schemas"]["ExportedStripeEvent"][];
            /** @description Started checkouts, oldest first. */
            checkouts: components["schemas"]["ExportedCheckout"][];
            /** @description Stripe customers and subscriptions. */
            stripeReferences: components["schemas"]["StripeReference"][];
            /** @description Stripe objects of the sales. */
            saleReferences: components["schemas"]["SaleReference"][];
            /** @description What people did, oldest first. */
            operatorActions: components["schemas"]["StoryAction"][];
        };
        /**
         * Customer search
         * @description The customers that something belongs to.
         */
        CustomerSearch: {
            /** @description At most 20, the closest first; none when nothing is known of what was searched for. */
            customers: components["schemas"]["FoundCustomer"][];
            /**
             * @description Whether there are more than these.
             * @example false
             */
            truncated: boolean;
        };
        /**
         * Customer story
         * @description One customer from click to refund: the answer to "why did this partner not get paid?".
         */
        CustomerStory: {
            /**
             * @description Customer key: the user's id, as Affitor and Stripe know it.
             * @example 0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11
             */
            customerKey: string;
            /**
             * @description E-mail that the customer signed up with; null when none is known.
             * @example ada@example.com
             */
            email: string | null;
            /**
             * @description The answer in a sentence or two: what was paid, what the partner was credited for, and why not.
             * @example Two payments, 38.00 USD; the partner was credited for both.
             */
            verdict: string;
            /**
             * @description The click that brought the customer; null when none is known.
             * @example cust_42_1714000000000
             */
            clickId: string | null;
            /** @description Stripe customers and subscriptions that are known to be this customer's. */
            stripeReferences: string[];
            /** @description What happened, oldest first: by Stripe's clock for payments, by ours for calls. */
            entries: components["schemas"]["StoryEntry"][];
        };
        /**
         * Delivery attempt
         * @description One call to Affitor, and its answer.
         */
        DeliveryAttempt: {
            /**
             * @description The tracking event that was sent.
             * @example 17
             */
            trackingEventId: number;
            /**
             * @description Which attempt it was, from 1.
             * @example 1
             */
            attempt: number;
            /**
             * @description HTTP status of Affitor's answer; 0 when no whole answer came.
             * @example 200
             */
            status: number;
            /**
             * @description Error text.
             * @example null
             */
            error: string | null;
            /**
             * @description How long the call took, in milliseconds.
             * @example 48
             */
            durationMs: number;
        };
        /**
         * Delivery bucket
         * @description Calls to Affitor that ended from `at` on.
         */
        DeliveryBucket: {
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            at: string;
            /**
             * @description Calls that Affitor gave a final answer to, a refusal included.
             * @example 14
             */
            answered: number;
            /**
             * @description Calls that have to be made again: no answer, a refused key, a rate limit, or an error of Affitor's.
             * @example 1
             */
            failed: number;
        };
        /**
         * Delivery report
         * @description Calls to Affitor over time.
         */
        DeliveryReport: {
            period: components["schemas"]["Period"];
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            since: string;
            /**
             * @description Length of a bucket in seconds.
             * @example 900
             */
            bucketSeconds: number;
            /** @description Oldest first, without gaps. */
            buckets: components["schemas"]["DeliveryBucket"][];
        };
        /**
         * Delivery status
         * @description Whether tracking events are being sent to Affitor.
         */
        DeliveryStatus: {
            /**
             * @description `paused`: Affitor refuses the API key, so nothing is sent until it takes it again. Nothing is lost meanwhile.
             * @example running
             * @enum {string}
             */
            state: "running" | "paused";
            /**
             * @description Why delivery is paused, in words: Affitor's own for the operator, and one fixed sentence for anybody else.
             * @example null
             * @example Affitor answered 401: Invalid API key
             */
            reason: string | null;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example null
             */
            pausedUntil: string | null;
        };
        /**
         * Error detail
         * @description One field that is wrong.
         */
        ErrorDetail: {
            /**
             * @description Where it is: part of the request, and path in it.
             * @example body/email
             */
            field: string;
            /**
             * @description What is wrong with it.
             * @example body/email must match format "email"
             */
            message: string;
        };
        /**
         * Error response
         * @description Every error of every route has this shape.
         */
        ErrorResponse: {
            /**
             * @description HTTP status.
             * @example 400
             */
            statusCode: number;
            /**
             * @description Machine-readable code; stable across releases. Later releases may add others.
             * @example INVALID_REQUEST
             * @enum {string}
             */
            code: "INVALID_REQUEST" | "INVALID_JSON" | "INVALID_SIGNATURE" | "UNSUPPORTED_EVENT" | "UNKNOWN_STRIPE_EVENT" | "IMPLAUSIBLE_FACT" | "STRIPE_REJECTED" | "UNAUTHORIZED" | "OPERATOR_ONLY" | "BACKEND_ONLY" | "INVALID_CREDENTIALS" | "CROSS_ORIGIN" | "FORBIDDEN" | "NOT_FOUND" | "METHOD_NOT_ALLOWED" | "REQUEST_TIMEOUT" | "EMAIL_TAKEN" | "CONFLICTING_FACT" | "IDEMPOTENCY_KEY_REUSED" | "NOT_RETRYABLE" | "NOT_RESOLVABLE" | "NOT_HOLDABLE" | "CUSTOMER_BUSY" | "BODY_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" | "RATE_LIMITED" | "INTERNAL_ERROR" | "STRIPE_MISCONFIGURED" | "STRIPE_UNAVAILABLE" | "AFFITOR_UNAVAILABLE" | "DATABASE_UNAVAILABLE" | "SHUTTING_DOWN" | "OVERLOADED";
            /**
             * @description The status in words.
             * @example Bad Request
             */
            error: string;
            /**
             * @description What is wrong and what to do about it, for a developer.
             * @example body/email must match format "email"
             */
            message: string;
            /** @description Of `INVALID_REQUEST`: every field that is wrong, where the schema tells. */
            details?: components["schemas"]["ErrorDetail"][];
        };
        /**
         * Exported attempt
         * @description One call to Affitor, and when it ended.
         */
        ExportedAttempt: {
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            at: string;
            attempt: components["schemas"]["DeliveryAttempt"];
        };
        /**
         * Exported checkout
         * @description What the customer was sent to Stripe to pay, and when.
         */
        ExportedCheckout: {
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            at: string;
            checkout: components["schemas"]["StartedCheckout"];
        };
        /**
         * Exported Stripe event
         * @description A stored Stripe event with all that is in it.
         */
        ExportedStripeEvent: {
            event: components["schemas"]["StripeEvent"];
            /**
             * @description The event as Stripe sent it, or what was kept of it.
             * @example {
             *       "id": "evt_1NG8Du2eZvKYlo2C",
             *       "object": "event"
             *     }
             */
            payload: unknown;
        };
        /**
         * Fact source
         * @description Where a fact comes from. `signup`: POST /api/signup. `api`: a backend reported it, by HTTP or by a method. `sql`: a function of the database. `stripe`: an event of Stripe.
         * @example stripe
         * @enum {string}
         */
        FactSource: "signup" | "api" | "sql" | "stripe";
        /**
         * Found customer
         * @description A customer that a search found, and why.
         */
        FoundCustomer: {
            /**
             * @description Customer key: the user's id, as Affitor and Stripe know it.
             * @example 0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11
             */
            customerKey: string;
            /**
             * @description E-mail that the customer signed up with; null when none is known.
             * @example ada@example.com
             */
            email: string | null;
            /**
             * @description The click that brought the customer; null when none is known.
             * @example cust_42_1714000000000
             */
            clickId: string | null;
            /**
             * @description What of the customer is what was searched for.
             * @example email
             * @enum {string}
             */
            matched: "email" | "email_prefix" | "customer_key" | "customer_key_prefix" | "click_id" | "stripe_object" | "stripe_event" | "transaction";
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            firstSeenAt: string;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            lastSeenAt: string;
            /** @description What the customer paid, by currency. */
            sales: components["schemas"]["FoundSales"][];
            /**
             * @description How many of the customer's facts need attention.
             * @example 0
             */
            needsAttention: number;
        };
        /**
         * Found sales
         * @description What a customer paid in one currency.
         */
        FoundSales: {
            /**
             * @description ISO 4217 code, upper case.
             * @example USD
             */
            currency: string;
            /**
             * @description Payments, renewals among them.
             * @example 2
             */
            count: number;
            /**
             * @description What was paid, in the currency's smallest unit.
             * @example 3800
             */
            amountCents: number;
            /**
             * @description What of it was given back.
             * @example 0
             */
            refundedCents: number;
        };
        /**
         * Installation check
         * @description One question about the installation, and the answer.
         */
        InstallationCheck: {
            /**
             * @description Its name, for a program.
             * @example stripe-endpoint-events
             */
            check: string;
            /**
             * @description `fail`: something is wrong. `skip`: it could not be checked.
             * @example pass
             * @enum {string}
             */
            status: "pass" | "fail" | "skip";
            /**
             * @description What was found, or why it could not be checked.
             * @example The endpoint sends every event that is needed.
             */
            message: string;
            /**
             * @description What to do about it; null unless it failed.
             * @example null
             */
            fix: string | null;
        };
        /**
         * Installation checks
         * @description Whether everything is connected right.
         */
        InstallationChecks: {
            /** @description In the order in which they depend on each other. */
            checks: components["schemas"]["InstallationCheck"][];
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            checkedAt: string;
        };
        /**
         * Lead event
         * @description A signup, and what became of it. It has either a `payload`, or, where that is of no known version, an `unreadablePayload`.
         * @example {
         *       "saleTransactionId": null,
         *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
         *       "customerEmail": "ada@example.com",
         *       "source": "signup",
         *       "state": "delivered",
         *       "reason": null,
         *       "explanation": null,
         *       "advice": null,
         *       "attentionSince": null,
         *       "resolution": null,
         *       "retryable": false,
         *       "attempts": 1,
         *       "nextAttemptAt": null,
         *       "lastStatus": 200,
         *       "lastError": null,
         *       "kind": "lead",
         *       "id": 16,
         *       "transactionId": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
         *       "payload": {
         *         "v": 1,
         *         "clickId": "cust_42_1714000000000",
         *         "email": "ada@example.com"
         *       },
         *       "stripeEventId": null,
         *       "occurredAt": "2026-11-01T11:40:00.000Z",
         *       "response": {
         *         "success": true
         *       },
         *       "createdAt": "2026-11-01T11:40:00.000Z",
         *       "settledAt": "2026-11-01T11:40:01.000Z"
         *     }
         */
        LeadEvent: {
            /**
             * @description Position in the ledger: for one customer, events are sent in this order.
             * @example 17
             */
            id: number;
            /**
             * @description `lead`: a signup. It tells the kinds of facts apart. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "lead";
            /**
             * @description Unique for its kind: the customer key.
             * @example cs_test_a1b2c3
             */
            transactionId: string;
            /**
             * @description Null: only a refund is of a sale.
             * @example null
             */
            saleTransactionId: string | null;
            /**
             * @description Customer key: the user's id, as Affitor and Stripe know it.
             * @example 0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11
             */
            customerKey: string;
            /**
             * @description E-mail that the customer signed up with; null when none is known.
             * @example ada@example.com
             */
            customerEmail: string | null;
            payload?: components["schemas"]["LeadPayload"];
            unreadablePayload?: components["schemas"]["UnreadablePayload"];
            source: components["schemas"]["FactSource"];
            /**
             * @description Of source `stripe`: the event that told it.
             * @example evt_1NG8Du2eZvKYlo2C
             */
            stripeEventId: string | null;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            occurredAt: string;
            state: components["schemas"]["TrackingState"];
            /**
             * @description Why it is in this state, for a program; null when the state says it all. Later releases may add others. `mode_mismatch`: The event is of the other Stripe mode (live or test) than the configured key. `not_a_payment`: The Checkout Session only saves a payment method; no money moved. `unpaid`: Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes. `payment_failed`: The payment did not clear, so there is no sale. `zero_amount`: The amount is 0 (a trial, a coupon or credit), so there is nothing to earn a commission on. `no_customer`: Nothing in the event, the ledger or Stripe tells which of our customers paid. `other_program`: The metadata names another Affitor program. `no_metadata`: The payment carries none of our metadata and belongs to no subscription, quote or checkout of ours. `connected_account`: The event is of a connected account that is not among those whose payments are counted. `upgrade_not_counted`: Payments for a change in mid-cycle are not counted (COUNT_UPGRADES, option sales.countUpgrades, is false). `out_of_band_not_counted`: The invoice was paid outside of Stripe, which is not counted (COUNT_OUT_OF_BAND_PAYMENTS, option sales.countOutOfBandPayments, is false). `joins_payment`: Joins a payment to its invoice; the invoice itself is the sale. `waiting_for_sale`: The sale that was refunded has not been seen yet. `sale_not_found`: The sale that was refunded never arrived: it was not one of ours. `refund_pending`: The refund has not gone through yet. `refund_failed`: The refund did not go through; the money stayed with us. `hold_released`: Stripe gave back what was held and never captured: no money moved. `credit_note_without_money`: The credit note gives nothing back by itself: its refund has its own event, and what it credits makes a later payment smaller. `credit_note_voided`: The credit note was voided: the money stayed with us. `dispute_open`: The dispute is not decided yet. `dispute_warning`: An inquiry, not a dispute: no money moved. `dispute_won`: The dispute was won: the money stayed with us. `dispute_prevented`: The dispute was prevented before any money moved. `already_counted`: Every fact in this event is in the ledger already. `interpretation_failed`: The event could not be read: a fault of this program or of the event. `recorded_earlier`: Affitor had recorded it already; an earlier answer was lost. `provisional`: Affitor took the lead provisionally. `further_along`: Affitor knows this customer as a lead or buyer already. `customer_not_found`: Affitor knows no click for this customer: no partner brought them. `no_attribution`: Affitor found no partner who earned this. `attribution_window_expired`: The click is older than the program's attribution window. `no_commission`: Affitor recorded the sale without a commission. `twin_of_session`: The same payment is counted as its Checkout Session. `recorded_by_connect`: Affitor records sales itself through Stripe Connect (AFFITOR_SALE_SOURCE, option affitor.saleSource, is connect). `sale_not_attributed`: The refunded sale earned no commission, so there is nothing to take back. `sale_not_sent`: The refunded sale was not sent to Affitor, so there is nothing to take back. `sale_needs_attention`: The refunded sale itself needs attention first. `lead_needs_attention`: The customer's lead itself needs attention first. `sale_unknown_to_affitor`: Affitor does not know the refunded sale. `held_by_operator`: An operator took it out of line. `later_refund_not_applied`: Affitor applies one refund a sale and had one before: this one took nothing back from the partner. `refund_outcome_unknown`: Affitor has a refund of this sale; whether it is this one or another, no answer told. `refund_failed_after_sent`: Affitor was told of this refund, then it failed: the partner is owed the commission. Affitor documents no way back. `credit_note_voided_after_sent`: Affitor was told of this credit note as a refund, then it was voided: the partner is owed the commission. Affitor documents no way back. `dispute_won_after_reversal`: Affitor was told of this dispute as lost, then it was won: the partner is owed the commission. Affitor documents no way back. `unsupported_currency`: The currency is not among those that Affitor takes (SALE_CURRENCIES, option sales.currencies). `refused`: Affitor refused it; the last error tells why. `transaction_id_used_up`: An attempt ended in a server error, then Affitor said the transaction id exists: the commission may be missing. `retries_exhausted`: Affitor could not be reached, failed or refused it for the whole retry time; the last error tells how. `malformed`: The row cannot be sent: a fault of this program.
             * @example null
             */
            reason: string | null;
            /**
             * @description The reason in words.
             * @example null
             */
            explanation: string | null;
            /**
             * @description What a person does now; null when nothing needs to be done.
             * @example null
             */
            advice: string | null;
            /**
             * Format: date-time
             * @description When it first needed attention, whatever was tried since; null when it does not.
             * @example null
             */
            attentionSince: string | null;
            /**
             * @description How a person has dealt with what needed attention; null where none has.
             * @example null
             */
            resolution: {
                /**
                 * @description What was done about it.
                 * @example Affitor credited the partner by hand, ticket 4711.
                 */
                note: string;
                /**
                 * @description Who dealt with it; null when they did not say.
                 * @example Grace
                 */
                by: string | null;
                /**
                 * Format: date-time
                 * @description Time, ISO 8601 in UTC.
                 * @example 2026-11-01T12:00:00.000Z
                 */
                at: string;
            } | null;
            /**
             * @description Whether an operator may have it sent again.
             * @example false
             */
            retryable: boolean;
            /**
             * @description Attempts made so far.
             * @example 1
             */
            attempts: number;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example null
             */
            nextAttemptAt: string | null;
            /**
             * @description HTTP status of the last answer; 0 when there was none.
             * @example 200
             */
            lastStatus: number | null;
            /**
             * @description Error text of the last attempt.
             * @example null
             */
            lastError: string | null;
            /**
             * @description Affitor's last answer.
             * @example {
             *       "success": true,
             *       "sale_id": 12,
             *       "commission_id": 7
             *     }
             */
            response: unknown;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            settledAt: string | null;
        };
        /**
         * Lead payload
         * @description What Affitor is told of a signup.
         */
        LeadPayload: {
            /**
             * @description Version of this shape.
             * @enum {number}
             */
            v: 1;
            /**
             * @description Affitor's click id.
             * @example cust_42_1714000000000
             */
            clickId?: string;
            /**
             * @description The user's e-mail.
             * @example ada@example.com
             */
            email?: string;
        };
        /**
         * Lead report
         * @description A customer signed up. One lead a customer: the customer key is its key.
         */
        LeadReport: {
            /**
             * @description Customer key: the user's id, as Affitor and Stripe know it.
             * @example 0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11
             */
            customerKey: string;
            /**
             * Format: email
             * @description E-mail address. Upper and lower case are the same address.
             * @example grace@example.com
             */
            email?: string;
            /**
             * @description What `window.affitor.getClickId()` returned in the visitor's browser. Null, empty or absent: none is known.
             * @example cust_42_1714000000000
             */
            clickId?: string | null;
        };
        /**
         * Liveness
         * @description The process is alive.
         */
        Liveness: {
            /**
             * @description The process answers.
             * @enum {string}
             */
            status: "ok";
        };
        /**
         * Login request
         * @description The credentials of an existing user.
         */
        LoginRequest: {
            /**
             * Format: email
             * @description E-mail address. Upper and lower case are the same address.
             * @example ada@example.com
             */
            email: string;
            /**
             * @description The password given at signup.
             * @example correct horse battery
             */
            password: string;
        };
        /**
         * Operator action
         * @description Something that a person did.
         */
        OperatorAction: {
            /**
             * @description What was done.
             * @example resolve
             * @enum {string}
             */
            action: "retry" | "hold" | "resolve" | "reopen" | "delete_personal_data";
            /**
             * @description The tracking event that it was done to; null when it was none.
             * @example 17
             */
            trackingEventId: number | null;
            /**
             * @description The Stripe event that it was done to; null when it was none.
             * @example null
             */
            stripeEventId: string | null;
            /**
             * @description What the operator wrote about it.
             * @example Affitor credited the partner by hand, ticket 4711.
             */
            note: string | null;
            /**
             * @description Who it was; null when they did not say.
             * @example Grace
             */
            by: string | null;
        };
        /**
         * Period
         * @description How far back a report looks, to now.
         * @example 24h
         * @enum {string}
         */
        Period: "1h" | "24h" | "7d" | "30d";
        /**
         * Personal data removal
         * @description How many rows had personal data of the customer, which was removed from them. Done again, it is 0 of each.
         */
        PersonalDataRemoval: {
            /**
             * @description Customer key: the user's id, as Affitor and Stripe know it.
             * @example 0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11
             */
            customerKey: string;
            /**
             * @description Facts from which e-mail, click, reason or Affitor's answer was removed.
             * @example 3
             */
            facts: number;
            /**
             * @description Attempts whose error text was removed.
             * @example 1
             */
            deliveryAttempts: number;
            /**
             * @description Stored Stripe events from which names, addresses, cards and the like were removed.
             * @example 7
             */
            stripeEvents: number;
            /**
             * @description Notes of operators that were removed.
             * @example 0
             */
            notes: number;
        };
        /**
         * Program status
         * @description What Affitor says of the program.
         */
        ProgramStatus: {
            /**
             * @description The configured program.
             * @example 42
             */
            programId: string;
            /**
             * @description How far the program is, in Affitor's words: `draft`, `configuring`, `ready`, `integration_verified` or `live_verified`.
             * @example live_verified
             */
            state: string;
            /**
             * @description What Affitor waits for; null when nothing is missing.
             * @example null
             * @example payout
             */
            blocker: string | null;
            /**
             * @description Clicks on partners' links in the last 24 hours; null when Affitor does not tell.
             * @example 412
             */
            clicks24h: number | null;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            checkedAt: string;
        };
        /**
         * Readiness
         * @description The service can take requests. Paused delivery does not make it unready: facts are kept until it goes on.
         */
        Readiness: {
            /**
             * @description The database answers, so requests can be served.
             * @enum {string}
             */
            status: "ok";
            delivery: components["schemas"]["DeliveryStatus"];
        };
        /**
         * Refund event
         * @description Money given back, and what became of it. It has either a `payload`, or, where that is of no known version, an `unreadablePayload`.
         * @example {
         *       "saleTransactionId": "cs_test_a1b2c3",
         *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
         *       "customerEmail": "ada@example.com",
         *       "source": "stripe",
         *       "state": "delivered",
         *       "reason": null,
         *       "explanation": null,
         *       "advice": null,
         *       "attentionSince": null,
         *       "resolution": null,
         *       "retryable": false,
         *       "attempts": 1,
         *       "nextAttemptAt": null,
         *       "lastStatus": 200,
         *       "lastError": null,
         *       "kind": "refund",
         *       "id": 18,
         *       "transactionId": "re_1Nispe2eZvKYlo2Cd31jOCgZ",
         *       "payload": {
         *         "v": 1,
         *         "amountCents": 1900,
         *         "currency": "USD",
         *         "full": false,
         *         "refundReason": "requested_by_customer"
         *       },
         *       "stripeEventId": "evt_1NirD82eZvKYlo2CIvbtLWuY",
         *       "occurredAt": "2026-11-09T08:30:00.000Z",
         *       "response": {
         *         "success": true,
         *         "status": "refunded",
         *         "commission_id": 7
         *       },
         *       "createdAt": "2026-11-09T08:30:01.000Z",
         *       "settledAt": "2026-11-09T08:30:02.000Z"
         *     }
         */
        RefundEvent: {
            /**
             * @description Position in the ledger: for one customer, events are sent in this order.
             * @example 17
             */
            id: number;
            /**
             * @description `refund`: money given back. It tells the kinds of facts apart. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "refund";
            /**
             * @description Unique for its kind: the refund's own id.
             * @example cs_test_a1b2c3
             */
            transactionId: string;
            /**
             * @description The sale's transaction id.
             * @example cs_test_a1b2c3
             */
            saleTransactionId: string;
            /**
             * @description Customer key: the user's id, as Affitor and Stripe know it.
             * @example 0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11
             */
            customerKey: string;
            /**
             * @description E-mail that the customer signed up with; null when none is known.
             * @example ada@example.com
             */
            customerEmail: string | null;
            payload?: components["schemas"]["RefundPayload"];
            unreadablePayload?: components["schemas"]["UnreadablePayload"];
            source: components["schemas"]["FactSource"];
            /**
             * @description Of source `stripe`: the event that told it.
             * @example evt_1NG8Du2eZvKYlo2C
             */
            stripeEventId: string | null;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            occurredAt: string;
            state: components["schemas"]["TrackingState"];
            /**
             * @description Why it is in this state, for a program; null when the state says it all. Later releases may add others. `mode_mismatch`: The event is of the other Stripe mode (live or test) than the configured key. `not_a_payment`: The Checkout Session only saves a payment method; no money moved. `unpaid`: Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes. `payment_failed`: The payment did not clear, so there is no sale. `zero_amount`: The amount is 0 (a trial, a coupon or credit), so there is nothing to earn a commission on. `no_customer`: Nothing in the event, the ledger or Stripe tells which of our customers paid. `other_program`: The metadata names another Affitor program. `no_metadata`: The payment carries none of our metadata and belongs to no subscription, quote or checkout of ours. `connected_account`: The event is of a connected account that is not among those whose payments are counted. `upgrade_not_counted`: Payments for a change in mid-cycle are not counted (COUNT_UPGRADES, option sales.countUpgrades, is false). `out_of_band_not_counted`: The invoice was paid outside of Stripe, which is not counted (COUNT_OUT_OF_BAND_PAYMENTS, option sales.countOutOfBandPayments, is false). `joins_payment`: Joins a payment to its invoice; the invoice itself is the sale. `waiting_for_sale`: The sale that was refunded has not been seen yet. `sale_not_found`: The sale that was refunded never arrived: it was not one of ours. `refund_pending`: The refund has not gone through yet. `refund_failed`: The refund did not go through; the money stayed with us. `hold_released`: Stripe gave back what was held and never captured: no money moved. `credit_note_without_money`: The credit note gives nothing back by itself: its refund has its own event, and what it credits makes a later payment smaller. `credit_note_voided`: The credit note was voided: the money stayed with us. `dispute_open`: The dispute is not decided yet. `dispute_warning`: An inquiry, not a dispute: no money moved. `dispute_won`: The dispute was won: the money stayed with us. `dispute_prevented`: The dispute was prevented before any money moved. `already_counted`: Every fact in this event is in the ledger already. `interpretation_failed`: The event could not be read: a fault of this program or of the event. `recorded_earlier`: Affitor had recorded it already; an earlier answer was lost. `provisional`: Affitor took the lead provisionally. `further_along`: Affitor knows this customer as a lead or buyer already. `customer_not_found`: Affitor knows no click for this customer: no partner brought them. `no_attribution`: Affitor found no partner who earned this. `attribution_window_expired`: The click is older than the program's attribution window. `no_commission`: Affitor recorded the sale without a commission. `twin_of_session`: The same payment is counted as its Checkout Session. `recorded_by_connect`: Affitor records sales itself through Stripe Connect (AFFITOR_SALE_SOURCE, option affitor.saleSource, is connect). `sale_not_attributed`: The refunded sale earned no commission, so there is nothing to take back. `sale_not_sent`: The refunded sale was not sent to Affitor, so there is nothing to take back. `sale_needs_attention`: The refunded sale itself needs attention first. `lead_needs_attention`: The customer's lead itself needs attention first. `sale_unknown_to_affitor`: Affitor does not know the refunded sale. `held_by_operator`: An operator took it out of line. `later_refund_not_applied`: Affitor applies one refund a sale and had one before: this one took nothing back from the partner. `refund_outcome_unknown`: Affitor has a refund of this sale; whether it is this one or another, no answer told. `refund_failed_after_sent`: Affitor was told of this refund, then it failed: the partner is owed the commission. Affitor documents no way back. `credit_note_voided_after_sent`: Affitor was told of this credit note as a refund, then it was voided: the partner is owed the commission. Affitor documents no way back. `dispute_won_after_reversal`: Affitor was told of this dispute as lost, then it was won: the partner is owed the commission. Affitor documents no way back. `unsupported_currency`: The currency is not among those that Affitor takes (SALE_CURRENCIES, option sales.currencies). `refused`: Affitor refused it; the last error tells why. `transaction_id_used_up`: An attempt ended in a server error, then Affitor said the transaction id exists: the commission may be missing. `retries_exhausted`: Affitor could not be reached, failed or refused it for the whole retry time; the last error tells how. `malformed`: The row cannot be sent: a fault of this program.
             * @example null
             */
            reason: string | null;
            /**
             * @description The reason in words.
             * @example null
             */
            explanation: string | null;
            /**
             * @description What a person does now; null when nothing needs to be done.
             * @example null
             */
            advice: string | null;
            /**
             * Format: date-time
             * @description When it first needed attention, whatever was tried since; null when it does not.
             * @example null
             */
            attentionSince: string | null;
            /**
             * @description How a person has dealt with what needed attention; null where none has.
             * @example null
             */
            resolution: {
                /**
                 * @description What was done about it.
                 * @example Affitor credited the partner by hand, ticket 4711.
                 */
                note: string;
                /**
                 * @description Who dealt with it; null when they did not say.
                 * @example Grace
                 */
                by: string | null;
                /**
                 * Format: date-time
                 * @description Time, ISO 8601 in UTC.
                 * @example 2026-11-01T12:00:00.000Z
                 */
                at: string;
            } | null;
            /**
             * @description Whether an operator may have it sent again.
             * @example false
             */
            retryable: boolean;
            /**
             * @description Attempts made so far.
             * @example 1
             */
            attempts: number;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example null
             */
            nextAttemptAt: string | null;
            /**
             * @description HTTP status of the last answer; 0 when there was none.
             * @example 200
             */
            lastStatus: number | null;
            /**
             * @description Error text of the last attempt.
             * @example null
             */
            lastError: string | null;
            /**
             * @description Affitor's last answer.
             * @example {
             *       "success": true,
             *       "sale_id": 12,
             *       "commission_id": 7
             *     }
             */
            response: unknown;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            settledAt: string | null;
        };
        /**
         * Refund payload
         * @description What Affitor is told of money given back.
         */
        RefundPayload: {
            /**
             * @description Version of this shape.
             * @enum {number}
             */
            v: 1;
            /**
             * @description Amount in the currency's smallest unit (cents; whole units for zero-decimal currencies).
             * @example 4900
             */
            amountCents: number;
            /**
             * @description That of the sale: ISO 4217 code, upper case. Not sent.
             * @example USD
             */
            currency: string;
            /**
             * @description True when this one refund gives the whole sale back: Affitor reverses the commission.
             * @example false
             */
            full: boolean;
            /**
             * @description Stripe's reason.
             * @example requested_by_customer
             */
            refundReason?: string;
        };
        /**
         * Refund report
         * @description Money of a sale was given back.
         */
        RefundReport: {
            /**
             * @description The `transactionId` of the sale.
             * @example order_1001
             */
            saleTransactionId: string;
            /**
             * @description Your unique id of the refund; its key. Without it, the sale has but this one refund.
             * @example refund_55
             */
            refundId?: string;
            /**
             * @description What was given back, in the currency's smallest unit. Default: all that is left of the sale.
             * @example 4900
             */
            amountCents?: number;
            /**
             * @description Why, for the record.
             * @example requested_by_customer
             */
            reason?: string;
        };
        /**
         * Sale event
         * @description A payment, and what became of it. It has either a `payload`, or, where that is of no known version, an `unreadablePayload`.
         * @example {
         *       "saleTransactionId": null,
         *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
         *       "customerEmail": "ada@example.com",
         *       "source": "stripe",
         *       "state": "delivered",
         *       "reason": null,
         *       "explanation": null,
         *       "advice": null,
         *       "attentionSince": null,
         *       "resolution": null,
         *       "retryable": false,
         *       "attempts": 1,
         *       "nextAttemptAt": null,
         *       "lastStatus": 200,
         *       "lastError": null,
         *       "kind": "sale",
         *       "id": 17,
         *       "transactionId": "cs_test_a1b2c3",
         *       "payload": {
         *         "v": 1,
         *         "amountCents": 4900,
         *         "currency": "USD",
         *         "saleType": "payment",
         *         "isRecurring": false,
         *         "clickId": "cust_42_1714000000000",
         *         "productId": "prod_NWjs8kKbJWmuuc"
         *       },
         *       "stripeEventId": "evt_1NG8Du2eZvKYlo2C",
         *       "occurredAt": "2026-11-01T12:00:00.000Z",
         *       "response": {
         *         "success": true,
         *         "sale_id": 12,
         *         "commission_id": 7
         *       },
         *       "createdAt": "2026-11-01T12:00:01.000Z",
         *       "settledAt": "2026-11-01T12:00:02.000Z"
         *     }
         */
        SaleEvent: {
            /**
             * @description Position in the ledger: for one customer, events are sent in this order.
             * @example 17
             */
            id: number;
            /**
             * @description `sale`: a payment. It tells the kinds of facts apart. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "sale";
            /**
             * @description Unique for its kind: the Checkout Session, the invoice, or the id that the app gave.
             * @example cs_test_a1b2c3
             */
            transactionId: string;
            /**
             * @description Null: only a refund is of a sale.
             * @example null
             */
            saleTransactionId: string | null;
            /**
             * @description Customer key: the user's id, as Affitor and Stripe know it.
             * @example 0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11
             */
            customerKey: string;
            /**
             * @description E-mail that the customer signed up with; null when none is known.
             * @example ada@example.com
             */
            customerEmail: string | null;
            payload?: components["schemas"]["SalePayload"];
            unreadablePayload?: components["schemas"]["UnreadablePayload"];
            source: components["schemas"]["FactSource"];
            /**
             * @description Of source `stripe`: the event that told it.
             * @example evt_1NG8Du2eZvKYlo2C
             */
            stripeEventId: string | null;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            occurredAt: string;
            state: components["schemas"]["TrackingState"];
            /**
             * @description Why it is in this state, for a program; null when the state says it all. Later releases may add others. `mode_mismatch`: The event is of the other Stripe mode (live or test) than the configured key. `not_a_payment`: The Checkout Session only saves a payment method; no money moved. `unpaid`: Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes. `payment_failed`: The payment did not clear, so there is no sale. `zero_amount`: The amount is 0 (a trial, a coupon or credit), so there is nothing to earn a commission on. `no_customer`: Nothing in the event, the ledger or Stripe tells which of our customers paid. `other_program`: The metadata names another Affitor program. `no_metadata`: The payment carries none of our metadata and belongs to no subscription, quote or checkout of ours. `connected_account`: The event is of a connected account that is not among those whose payments are counted. `upgrade_not_counted`: Payments for a change in mid-cycle are not counted (COUNT_UPGRADES, option sales.countUpgrades, is false). `out_of_band_not_counted`: The invoice was paid outside of Stripe, which is not counted (COUNT_OUT_OF_BAND_PAYMENTS, option sales.countOutOfBandPayments, is false). `joins_payment`: Joins a payment to its invoice; the invoice itself is the sale. `waiting_for_sale`: The sale that was refunded has not been seen yet. `sale_not_found`: The sale that was refunded never arrived: it was not one of ours. `refund_pending`: The refund has not gone through yet. `refund_failed`: The refund did not go through; the money stayed with us. `hold_released`: Stripe gave back what was held and never captured: no money moved. `credit_note_without_money`: The credit note gives nothing back by itself: its refund has its own event, and what it credits makes a later payment smaller. `credit_note_voided`: The credit note was voided: the money stayed with us. `dispute_open`: The dispute is not decided yet. `dispute_warning`: An inquiry, not a dispute: no money moved. `dispute_won`: The dispute was won: the money stayed with us. `dispute_prevented`: The dispute was prevented before any money moved. `already_counted`: Every fact in this event is in the ledger already. `interpretation_failed`: The event could not be read: a fault of this program or of the event. `recorded_earlier`: Affitor had recorded it already; an earlier answer was lost. `provisional`: Affitor took the lead provisionally. `further_along`: Affitor knows this customer as a lead or buyer already. `customer_not_found`: Affitor knows no click for this customer: no partner brought them. `no_attribution`: Affitor found no partner who earned this. `attribution_window_expired`: The click is older than the program's attribution window. `no_commission`: Affitor recorded the sale without a commission. `twin_of_session`: The same payment is counted as its Checkout Session. `recorded_by_connect`: Affitor records sales itself through Stripe Connect (AFFITOR_SALE_SOURCE, option affitor.saleSource, is connect). `sale_not_attributed`: The refunded sale earned no commission, so there is nothing to take back. `sale_not_sent`: The refunded sale was not sent to Affitor, so there is nothing to take back. `sale_needs_attention`: The refunded sale itself needs attention first. `lead_needs_attention`: The customer's lead itself needs attention first. `sale_unknown_to_affitor`: Affitor does not know the refunded sale. `held_by_operator`: An operator took it out of line. `later_refund_not_applied`: Affitor applies one refund a sale and had one before: this one took nothing back from the partner. `refund_outcome_unknown`: Affitor has a refund of this sale; whether it is this one or another, no answer told. `refund_failed_after_sent`: Affitor was told of this refund, then it failed: the partner is owed the commission. Affitor documents no way back. `credit_note_voided_after_sent`: Affitor was told of this credit note as a refund, then it was voided: the partner is owed the commission. Affitor documents no way back. `dispute_won_after_reversal`: Affitor was told of this dispute as lost, then it was won: the partner is owed the commission. Affitor documents no way back. `unsupported_currency`: The currency is not among those that Affitor takes (SALE_CURRENCIES, option sales.currencies). `refused`: Affitor refused it; the last error tells why. `transaction_id_used_up`: An attempt ended in a server error, then Affitor said the transaction id exists: the commission may be missing. `retries_exhausted`: Affitor could not be reached, failed or refused it for the whole retry time; the last error tells how. `malformed`: The row cannot be sent: a fault of this program.
             * @example null
             */
            reason: string | null;
            /**
             * @description The reason in words.
             * @example null
             */
            explanation: string | null;
            /**
             * @description What a person does now; null when nothing needs to be done.
             * @example null
             */
            advice: string | null;
            /**
             * Format: date-time
             * @description When it first needed attention, whatever was tried since; null when it does not.
             * @example null
             */
            attentionSince: string | null;
            /**
             * @description How a person has dealt with what needed attention; null where none has.
             * @example null
             */
            resolution: {
                /**
                 * @description What was done about it.
                 * @example Affitor credited the partner by hand, ticket 4711.
                 */
                note: string;
                /**
                 * @description Who dealt with it; null when they did not say.
                 * @example Grace
                 */
                by: string | null;
                /**
                 * Format: date-time
                 * @description Time, ISO 8601 in UTC.
                 * @example 2026-11-01T12:00:00.000Z
                 */
                at: string;
            } | null;
            /**
             * @description Whether an operator may have it sent again.
             * @example false
             */
            retryable: boolean;
            /**
             * @description Attempts made so far.
             * @example 1
             */
            attempts: number;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example null
             */
            nextAttemptAt: string | null;
            /**
             * @description HTTP status of the last answer; 0 when there was none.
             * @example 200
             */
            lastStatus: number | null;
            /**
             * @description Error text of the last attempt.
             * @example null
             */
            lastError: string | null;
            /**
             * @description Affitor's last answer.
             * @example {
             *       "success": true,
             *       "sale_id": 12,
             *       "commission_id": 7
             *     }
             */
            response: unknown;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            settledAt: string | null;
        };
        /**
         * Sale payload
         * @description What Affitor is told of a payment.
         * @example {
         *       "v": 1,
         *       "amountCents": 4900,
         *       "currency": "USD",
         *       "saleType": "payment",
         *       "isRecurring": false,
         *       "clickId": "cust_42_1714000000000",
         *       "productId": "prod_NWjs8kKbJWmuuc"
         *     }
         */
        SalePayload: {
            /**
             * @description Version of this shape.
             * @enum {number}
             */
            v: 1;
            /**
             * @description Amount in the currency's smallest unit (cents; whole units for zero-decimal currencies).
             * @example 4900
             */
            amountCents: number;
            /**
             * @description ISO 4217 code, upper case.
             * @example USD
             */
            currency: string;
            /**
             * @description One-time payment, or payment for a subscription.
             * @example payment
             * @enum {string}
             */
            saleType: "payment" | "subscription";
            /**
             * @description True from the second payment of a subscription on.
             * @example false
             */
            isRecurring: boolean;
            /**
             * @description What the customer paid, when Affitor is told another amount (net of tax). Not sent.
             * @example 5831
             */
            paidCents?: number;
            /**
             * @description Affitor's click id.
             * @example cust_42_1714000000000
             */
            clickId?: string;
            /**
             * @description Stripe subscription id.
             * @example sub_1MowQVLkdIwHu7ix
             */
            subscriptionId?: string;
            /**
             * @description How often the subscription is billed.
             * @example monthly
             * @enum {string}
             */
            subscriptionInterval?: "monthly" | "quarterly" | "annual";
            /**
             * @description What was bought, for commission policies by product.
             * @example prod_NWjs8kKbJWmuuc
             */
            productId?: string;
            /**
             * @description Why Affitor is told no product: more than one was paid for, or Stripe names none. Not sent.
             * @example several_products
             * @enum {string}
             */
            productNote?: "several_products" | "no_product";
        };
        /**
         * Sale reference
         * @description A Stripe object that belongs to a sale.
         */
        SaleReference: {
            /**
             * @description Id of a Stripe object.
             * @example pi_3MtwBwLkdIwHu7ix28a3tqPa
             */
            reference: string;
            /**
             * @description Transaction id of the sale that it belongs to.
             * @example cs_test_a1b2c3
             */
            saleTransactionId: string;
        };
        /**
         * Sale report
         * @description A customer paid.
         * @example {
         *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
         *       "transactionId": "order_1001",
         *       "amountCents": 4900,
         *       "currency": "USD",
         *       "saleType": "subscription",
         *       "isRecurring": false,
         *       "subscriptionId": "subscription_7",
         *       "subscriptionInterval": "monthly",
         *       "productId": "pro-plan"
         *     }
         */
        SaleReport: {
            /**
             * @description Customer key: the user's id, as Affitor and Stripe know it.
             * @example 0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11
             */
            customerKey: string;
            /**
             * @description Your unique id of the payment; the key of the sale.
             * @example order_1001
             */
            transactionId: string;
            /**
             * @description Amount in the currency's smallest unit (cents; whole units for zero-decimal currencies).
             * @example 4900
             */
            amountCents: number;
            /**
             * @description ISO 4217 code.
             * @example USD
             */
            currency: string;
            /**
             * @description One-time payment, or payment for a subscription. Default: `subscription` when there is a `subscriptionId`.
             * @example subscription
             * @enum {string}
             */
            saleType?: "payment" | "subscription";
            /**
             * @description True for a renewal: from the second payment of a subscription on. Default: false.
             * @example false
             */
            isRecurring?: boolean;
            /**
             * @description Id of the subscription.
             * @example subscription_7
             */
            subscriptionId?: string;
            /**
             * @description How often the subscription is billed.
             * @example monthly
             * @enum {string}
             */
            subscriptionInterval?: "monthly" | "quarterly" | "annual";
            /**
             * @description What was bought, for commission policies by product.
             * @example pro-plan
             */
            productId?: string;
            /**
             * Format: date-time
             * @description When it was paid; at most 400 days back and 5 minutes ahead. Default: now.
             * @example 2026-11-01T12:00:00.000Z
             */
            occurredAt?: string;
        };
        /**
         * Signup request
         * @description A new user, and the click that brought them if there was one.
         */
        SignupRequest: {
            /**
             * Format: email
             * @description E-mail address. Upper and lower case are the same address.
             * @example ada@example.com
             */
            email: string;
            /**
             * @description Password, 8 to 128 characters; none of those that many people have.
             * @example correct horse battery
             */
            password: string;
            /**
             * @description What `window.affitor.getClickId()` returned. Null, empty or absent: the visitor came without a partner, or the `affitor_click_id` cookie tells.
             * @example cust_42_1714000000000
             */
            affitorClickId?: string | null;
        };
        /**
         * Started checkout
         * @description What a customer was sent to Stripe to pay.
         */
        StartedCheckout: {
            /**
             * @description Id of the Stripe Checkout Session.
             * @example cs_test_a1b2c3
             */
            sessionId: string;
            /**
             * @description Id of the Stripe price.
             * @example price_sandbox_onetime
             */
            priceId: string;
            /**
             * @description `payment` for a one-time price, `subscription` for a recurring one.
             * @example payment
             * @enum {string}
             */
            mode: "payment" | "subscription";
            /**
             * @description How many.
             * @example 1
             */
            quantity: number;
        };
        /**
         * Story action
         * @description An operator did something.
         */
        StoryAction: {
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            at: string;
            /**
             * @description `action`: an operator did something. It tells the entries apart. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "action";
            action: components["schemas"]["OperatorAction"];
        };
        /**
         * Story attempt
         * @description Affitor was called.
         */
        StoryAttempt: {
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            at: string;
            /**
             * @description `attempt`: Affitor was called. It tells the entries apart. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "attempt";
            attempt: components["schemas"]["DeliveryAttempt"];
        };
        /**
         * Story checkout
         * @description The customer was sent to Stripe to pay.
         */
        StoryCheckout: {
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            at: string;
            /**
             * @description `checkout`: the customer was sent to Stripe to pay. It tells the entries apart. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "checkout";
            checkout: components["schemas"]["StartedCheckout"];
        };
        /**
         * Story entry
         * @description Something that happened. Its `kind` says what it is of.
         */
        StoryEntry: components["schemas"]["StoryStripeEvent"] | components["schemas"]["StoryCheckout"] | components["schemas"]["StoryFact"] | components["schemas"]["StoryAttempt"] | components["schemas"]["StoryAction"];
        /**
         * Story fact
         * @description A lead, a sale, a renewal or a refund, and how it stands now.
         */
        StoryFact: {
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            at: string;
            /**
             * @description `fact`: a lead, a sale or a refund. It tells the entries apart. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "fact";
            trackingEvent: components["schemas"]["TrackingEvent"];
        };
        /**
         * Story Stripe event
         * @description Stripe told of something; its reason says why it became no fact, if it did not.
         */
        StoryStripeEvent: {
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            at: string;
            /**
             * @description `stripe_event`: Stripe told of something. It tells the entries apart. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "stripe_event";
            stripeEvent: components["schemas"]["StripeEvent"];
        };
        /**
         * Stripe event
         * @description A Stripe event as it was received, and what was made of it.
         */
        StripeEvent: {
            /**
             * @description Stripe's id of the event.
             * @example evt_1NG8Du2eZvKYlo2C
             */
            id: string;
            /**
             * @description Stripe's event type.
             * @example checkout.session.completed
             */
            type: string;
            /**
             * @description Stripe API version of the payload.
             * @example 2026-10-28.endive
             */
            apiVersion: string | null;
            /**
             * @description False for test mode.
             * @example true
             */
            livemode: boolean;
            /**
             * @description Customer key: the user's id, as Affitor and Stripe know it.
             * @example 0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11
             */
            customerKey: string | null;
            /**
             * @description E-mail that the customer signed up with; null when none is known.
             * @example ada@example.com
             */
            customerEmail: string | null;
            /**
             * Format: date-time
             * @description When Stripe made it.
             * @example 2026-11-01T12:00:00.000Z
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            receivedAt: string;
            state: components["schemas"]["StripeEventState"];
            /**
             * @description Why it is in this state, for a program; null when the state says it all. Later releases may add others. `mode_mismatch`: The event is of the other Stripe mode (live or test) than the configured key. `not_a_payment`: The Checkout Session only saves a payment method; no money moved. `unpaid`: Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes. `payment_failed`: The payment did not clear, so there is no sale. `zero_amount`: The amount is 0 (a trial, a coupon or credit), so there is nothing to earn a commission on. `no_customer`: Nothing in the event, the ledger or Stripe tells which of our customers paid. `other_program`: The metadata names another Affitor program. `no_metadata`: The payment carries none of our metadata and belongs to no subscription, quote or checkout of ours. `connected_account`: The event is of a connected account that is not among those whose payments are counted. `upgrade_not_counted`: Payments for a change in mid-cycle are not counted (COUNT_UPGRADES, option sales.countUpgrades, is false). `out_of_band_not_counted`: The invoice was paid outside of Stripe, which is not counted (COUNT_OUT_OF_BAND_PAYMENTS, option sales.countOutOfBandPayments, is false). `joins_payment`: Joins a payment to its invoice; the invoice itself is the sale. `waiting_for_sale`: The sale that was refunded has not been seen yet. `sale_not_found`: The sale that was refunded never arrived: it was not one of ours. `refund_pending`: The refund has not gone through yet. `refund_failed`: The refund did not go through; the money stayed with us. `hold_released`: Stripe gave back what was held and never captured: no money moved. `credit_note_without_money`: The credit note gives nothing back by itself: its refund has its own event, and what it credits makes a later payment smaller. `credit_note_voided`: The credit note was voided: the money stayed with us. `dispute_open`: The dispute is not decided yet. `dispute_warning`: An inquiry, not a dispute: no money moved. `dispute_won`: The dispute was won: the money stayed with us. `dispute_prevented`: The dispute was prevented before any money moved. `already_counted`: Every fact in this event is in the ledger already. `interpretation_failed`: The event could not be read: a fault of this program or of the event. `recorded_earlier`: Affitor had recorded it already; an earlier answer was lost. `provisional`: Affitor took the lead provisionally. `further_along`: Affitor knows this customer as a lead or buyer already. `customer_not_found`: Affitor knows no click for this customer: no partner brought them. `no_attribution`: Affitor found no partner who earned this. `attribution_window_expired`: The click is older than the program's attribution window. `no_commission`: Affitor recorded the sale without a commission. `twin_of_session`: The same payment is counted as its Checkout Session. `recorded_by_connect`: Affitor records sales itself through Stripe Connect (AFFITOR_SALE_SOURCE, option affitor.saleSource, is connect). `sale_not_attributed`: The refunded sale earned no commission, so there is nothing to take back. `sale_not_sent`: The refunded sale was not sent to Affitor, so there is nothing to take back. `sale_needs_attention`: The refunded sale itself needs attention first. `lead_needs_attention`: The customer's lead itself needs attention first. `sale_unknown_to_affitor`: Affitor does not know the refunded sale. `held_by_operator`: An operator took it out of line. `later_refund_not_applied`: Affitor applies one refund a sale and had one before: this one took nothing back from the partner. `refund_outcome_unknown`: Affitor has a refund of this sale; whether it is this one or another, no answer told. `refund_failed_after_sent`: Affitor was told of this refund, then it failed: the partner is owed the commission. Affitor documents no way back. `credit_note_voided_after_sent`: Affitor was told of this credit note as a refund, then it was voided: the partner is owed the commission. Affitor documents no way back. `dispute_won_after_reversal`: Affitor was told of this dispute as lost, then it was won: the partner is owed the commission. Affitor documents no way back. `unsupported_currency`: The currency is not among those that Affitor takes (SALE_CURRENCIES, option sales.currencies). `refused`: Affitor refused it; the last error tells why. `transaction_id_used_up`: An attempt ended in a server error, then Affitor said the transaction id exists: the commission may be missing. `retries_exhausted`: Affitor could not be reached, failed or refused it for the whole retry time; the last error tells how. `malformed`: The row cannot be sent: a fault of this program.
             * @example unpaid
             */
            reason: string | null;
            /**
             * @description The reason in words.
             * @example Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes.
             */
            explanation: string | null;
            /**
             * @description What a person does now; null when nothing needs to be done.
             * @example null
             */
            advice: string | null;
            /**
             * Format: date-time
             * @description When it first needed attention, whatever was tried since; null when it does not.
             * @example null
             */
            attentionSince: string | null;
            /**
             * @description How a person has dealt with what needed attention; null where none has.
             * @example null
             */
            resolution: {
                /**
                 * @description What was done about it.
                 * @example Affitor credited the partner by hand, ticket 4711.
                 */
                note: string;
                /**
                 * @description Who dealt with it; null when they did not say.
                 * @example Grace
                 */
                by: string | null;
                /**
                 * Format: date-time
                 * @description Time, ISO 8601 in UTC.
                 * @example 2026-11-01T12:00:00.000Z
                 */
                at: string;
            } | null;
            /**
             * @description Attempts made so far.
             * @example 1
             */
            attempts: number;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example null
             */
            nextAttemptAt: string | null;
        };
        /**
         * Stripe event count
         * @description How many stored Stripe events there are in one state.
         */
        StripeEventCount: {
            state: components["schemas"]["StripeEventState"];
            /**
             * @description How many events.
             * @example 12
             */
            count: number;
        };
        /**
         * Stripe event data
         * @description What a Stripe event is about; in an event of a change also what it was before.
         */
        StripeEventData: {
            object: components["schemas"]["StripeObject"];
        } & {
            [key: string]: unknown;
        };
        /**
         * Stripe event page
         * @description A page of stored Stripe events.
         */
        StripeEventPage: {
            /** @description Newest first. */
            events: components["schemas"]["StripeEvent"][];
            /**
             * @description Cursor of the next page; null on the last one.
             * @example null
             * @example 1024
             */
            nextCursor: string | null;
        };
        /**
         * Stripe event receipt
         * @description What became of a reported Stripe event.
         */
        StripeEventReceipt: {
            /**
             * @description The event is stored for good, or is of a type that is not needed.
             * @enum {boolean}
             */
            received: true;
            /**
             * @description Whether it was stored now: false when it was there already, or is not needed.
             * @example true
             */
            stored: boolean;
        };
        /**
         * Stripe event report
         * @description An event as Stripe sent it, whole.
         */
        StripeEventReport: {
            /**
             * @description A snapshot event, not a thin one.
             * @enum {string}
             */
            object: "event";
            /**
             * @description Stripe's id of the event.
             * @example evt_1NG8Du2eZvKYlo2C
             */
            id: string;
            /**
             * @description Stripe's event type.
             * @example checkout.session.completed
             */
            type: string;
            /**
             * @description The connected account that it is of.
             * @example acct_1Nv0FGQ9RKHgCVdK
             */
            account?: string;
            data?: components["schemas"]["StripeEventData"];
        } & {
            [key: string]: unknown;
        };
        /**
         * Stripe event state
         * @description `received`: stored, not read yet. `interpreted`: became a fact. `ignored`: no fact, for a reason. `parked`: waits for another event. `failed`: could not be read; a person must look. `resolved`: a person has dealt with it.
         * @example ignored
         * @enum {string}
         */
        StripeEventState: "received" | "interpreted" | "ignored" | "parked" | "failed" | "resolved";
        /**
         * Stripe object
         * @description An object of Stripe's, as Stripe documents it: a Checkout Session, an invoice, a refund.
         * @example {
         *       "id": "cs_test_a1b2c3",
         *       "object": "checkout.session",
         *       "mode": "payment",
         *       "payment_status": "paid",
         *       "amount_total": 4900,
         *       "currency": "usd"
         *     }
         */
        StripeObject: {
            [key: string]: unknown;
        };
        /**
         * Stripe reference
         * @description A Stripe object that is known to be the customer's.
         */
        StripeReference: {
            /**
             * @description Id of a Stripe customer or subscription.
             * @example cus_NffrFeUfNV2Hib
             */
            reference: string;
            /**
             * @description False for test mode.
             * @example true
             */
            livemode: boolean;
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            since: string;
        };
        /**
         * Stripe snapshot event
         * @description An event as Stripe sends it, with all else that Stripe has in it. Its type decides what it is about.
         */
        StripeSnapshotEvent: {
            /**
             * @description A snapshot event, not a thin one.
             * @enum {string}
             */
            object: "event";
            /**
             * @description Stripe's id of the event.
             * @example evt_1NG8Du2eZvKYlo2C
             */
            id: string;
            /**
             * @description Stripe's event type.
             * @example checkout.session.completed
             */
            type: string;
            /**
             * @description When it happened, in seconds since 1970.
             * @example 1793534400
             */
            created: number;
            /**
             * @description False in Stripe's test mode.
             * @example false
             */
            livemode: boolean;
            data: components["schemas"]["StripeEventData"];
        } & {
            [key: string]: unknown;
        };
        /**
         * Tracking count
         * @description How many events there are of one kind in one state.
         */
        TrackingCount: {
            kind: components["schemas"]["TrackingKind"];
            state: components["schemas"]["TrackingState"];
            /**
             * @description How many events.
             * @example 12
             */
            count: number;
        };
        /**
         * Tracking event
         * @description One fact for Affitor, and what became of it. Its `kind` says which.
         */
        TrackingEvent: components["schemas"]["LeadEvent"] | components["schemas"]["SaleEvent"] | components["schemas"]["RefundEvent"];
        /**
         * Tracking event page
         * @description A page of tracking events.
         */
        TrackingEventPage: {
            /** @description Newest first. */
            events: components["schemas"]["TrackingEvent"][];
            /**
             * @description Cursor of the next page; null on the last one.
             * @example null
             * @example 1024
             */
            nextCursor: string | null;
        };
        /**
         * Tracking funnel
         * @description What came of visitors in a period.
         */
        TrackingFunnel: {
            period: components["schemas"]["Period"];
            /**
             * Format: date-time
             * @description Time, ISO 8601 in UTC.
             * @example 2026-11-01T12:00:00.000Z
             */
            since: string;
            /**
             * @description Signups.
             * @example 80
             */
            leads: number;
            /**
             * @description Signups that came with a partner's click.
             * @example 31
             */
            referredLeads: number;
            /**
             * @description Checkout Sessions that were created.
             * @example 20
             */
            checkouts: number;
            /**
             * @description Payments, in all currencies; those that the invoice and the session both tell of count once.
             * @example 12
             */
            sales: number;
            /** @description By currency, the one with most sales first. */
            currencies: components["schemas"]["CurrencyFunnel"][];
        };
        /**
         * Tracking kind
         * @description What happened: `lead` (a signup), `sale` (a payment), `refund` (money given back).
         * @example sale
         * @enum {string}
         */
        TrackingKind: "lead" | "sale" | "refund";
        /**
         * Tracking state
         * @description `pending`: waits for its first or next attempt. `delivered`: Affitor recorded it. `unattributed`: no partner earned this. `rejected`: refused for a reason that a retry cannot change. `needs_attention`: a person must look. `resolved`: a person has dealt with it. `skipped`: not sent, by policy.
         * @example delivered
         * @enum {string}
         */
        TrackingState: "pending" | "delivered" | "unattributed" | "rejected" | "needs_attention" | "resolved" | "skipped";
        /**
         * Tracking summary
         * @description How the ledger stands.
         */
        TrackingSummary: {
            /** @description Events by kind and state; those that have none are left out. */
            counts: components["schemas"]["TrackingCount"][];
            /**
             * @description Age of the oldest pending event in seconds; null when nothing is pending.
             * @example 0.4
             */
            oldestPendingSeconds: number | null;
            /** @description Stored Stripe events by state; states that have none are left out. */
            stripeEvents: components["schemas"]["StripeEventCount"][];
            delivery: components["schemas"]["DeliveryStatus"];
            /**
             * @description Address of Stripe's dashboard in the mode that is used; null in the sandbox.
             * @example https://dashboard.stripe.com/test
             */
            stripeDashboard: string | null;
            /**
             * @description Address of Affitor's dashboard; null in the sandbox.
             * @example https://affitor.com
             */
            affitorDashboard: string | null;
        };
        /**
         * Unreadable payload
         * @description A payload of no known version, as it is stored.
         */
        UnreadablePayload: {
            [key: string]: unknown;
        };
        /**
         * Webhook receipt
         * @description Tells Stripe not to send this event again.
         */
        WebhookReceipt: {
            /**
             * @description The event is stored for good, or is of a type that is not needed.
             * @enum {boolean}
             */
            received: true;
        };
    };
    responses: {
        /**
         * @description - `INVALID_REQUEST`: The request is malformed.
         *     - `INVALID_JSON`: The body is not valid JSON in UTF-8.
         */
        InvalidRequestOrInvalidJson: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "INVALID_REQUEST" | "INVALID_JSON";
                };
            };
        };
        /** @description A page of another origin may not do this with the browser's session. The operator lists origins that may in CORS_ORIGINS; what is no page sends "Authorization: Bearer <accessToken>" and no cookie. */
        CrossOrigin: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "CROSS_ORIGIN";
                };
            };
        };
        /**
         * @description - `EMAIL_TAKEN`: A user with this e-mail exists already. Log in with POST /api/login.
         *     - `IDEMPOTENCY_KEY_REUSED`: This Idempotency-Key came with another request before. Send a new key for a new request.
         */
        EmailTakenOrIdempotencyKeyReused: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "EMAIL_TAKEN" | "IDEMPOTENCY_KEY_REUSED";
                };
            };
        };
        /** @description The body is too large. */
        BodyTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "BODY_TOO_LARGE";
                };
            };
        };
        /** @description Send the body as application/json. */
        UnsupportedMediaType: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "UNSUPPORTED_MEDIA_TYPE";
                };
            };
        };
        /** @description Too many requests from this address. Try again later. */
        RateLimited: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                RateLimit: components["headers"]["RateLimit"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "RATE_LIMITED";
                };
            };
        };
        /** @description An unexpected fault; it was logged. */
        InternalError: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "INTERNAL_ERROR";
                };
            };
        };
        /**
         * @description - `DATABASE_UNAVAILABLE`: The database cannot be reached for now. Try again shortly: what was stored already is not stored twice.
         *     - `SHUTTING_DOWN`: This process is about to end. Another one takes the requests.
         *     - `OVERLOADED`: The service is overloaded for now. Try again shortly.
         */
        DatabaseUnavailableOrShuttingDownOrOverloaded: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "DATABASE_UNAVAILABLE" | "SHUTTING_DOWN" | "OVERLOADED";
                };
            };
        };
        /** @description The e-mail or the password is wrong. */
        InvalidCredentials: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "INVALID_CREDENTIALS";
                };
            };
        };
        /**
         * @description - `INVALID_REQUEST`: The request is malformed.
         *     - `INVALID_JSON`: The body is not valid JSON in UTF-8.
         *     - `STRIPE_REJECTED`: Stripe refused the request.
         */
        InvalidRequestOrInvalidJsonOrStripeRejected: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "INVALID_REQUEST" | "INVALID_JSON" | "STRIPE_REJECTED";
                };
            };
        };
        /** @description Send a valid access token: log in with POST /api/login, then "Authorization: Bearer <accessToken>". */
        Unauthorized: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "UNAUTHORIZED";
                };
            };
        };
        /**
         * @description - `CROSS_ORIGIN`: A page of another origin may not do this with the browser's session. The operator lists origins that may in CORS_ORIGINS; what is no page sends "Authorization: Bearer <accessToken>" and no cookie.
         *     - `FORBIDDEN`: This token is valid, and not for this.
         */
        CrossOriginOrForbidden: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "CROSS_ORIGIN" | "FORBIDDEN";
                };
            };
        };
        /** @description This Idempotency-Key came with another request before. Send a new key for a new request. */
        IdempotencyKeyReused: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_REUSED";
                };
            };
        };
        /** @description Stripe refuses this service's credentials. The operator must look at STRIPE_SECRET_KEY. */
        StripeMisconfigured: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "STRIPE_MISCONFIGURED";
                };
            };
        };
        /**
         * @description - `DATABASE_UNAVAILABLE`: The database cannot be reached for now. Try again shortly: what was stored already is not stored twice.
         *     - `SHUTTING_DOWN`: This process is about to end. Another one takes the requests.
         *     - `OVERLOADED`: The service is overloaded for now. Try again shortly.
         *     - `STRIPE_UNAVAILABLE`: Stripe cannot be reached for now. Try again shortly.
         */
        DatabaseUnavailableOrShuttingDownOrOverloadedOrStripeUnavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "DATABASE_UNAVAILABLE" | "SHUTTING_DOWN" | "OVERLOADED" | "STRIPE_UNAVAILABLE";
                };
            };
        };
        /**
         * @description - `INVALID_REQUEST`: The request is malformed.
         *     - `INVALID_SIGNATURE`: Webhook Error: the signature does not match the body.
         *     - `UNSUPPORTED_EVENT`: Webhook Error: not a Stripe snapshot event.
         */
        InvalidRequestOrInvalidSignatureOrUnsupportedEvent: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "INVALID_REQUEST" | "INVALID_SIGNATURE" | "UNSUPPORTED_EVENT";
                };
            };
        };
        /** @description The request is malformed. */
        InvalidRequest: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "INVALID_REQUEST";
                };
            };
        };
        /** @description Send the operator token: "Authorization: Bearer <ADMIN_TOKEN>". */
        OperatorOnly: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "OPERATOR_ONLY";
                };
            };
        };
        /** @description This token is valid, and not for this. */
        Forbidden: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "FORBIDDEN";
                };
            };
        };
        /**
         * @description - `FORBIDDEN`: This token is valid, and not for this.
         *     - `CROSS_ORIGIN`: A page of another origin may not do this with the browser's session. The operator lists origins that may in CORS_ORIGINS; what is no page sends "Authorization: Bearer <accessToken>" and no cookie.
         */
        ForbiddenOrCrossOrigin: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "FORBIDDEN" | "CROSS_ORIGIN";
                };
            };
        };
        /** @description The event is not in a state that can be retried. */
        NotRetryable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "NOT_RETRYABLE";
                };
            };
        };
        /** @description There is no tracking event 17. */
        NotFoundTrackingEvent: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "NOT_FOUND";
                };
            };
        };
        /** @description The event does not wait to be sent. */
        NotHoldable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "NOT_HOLDABLE";
                };
            };
        };
        /** @description It needs no attention. */
        NotResolvable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "NOT_RESOLVABLE";
                };
            };
        };
        /** @description There is no Stripe event evt_1NG8Du2eZvKYlo2C. */
        NotFoundStripeEvent: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "NOT_FOUND";
                };
            };
        };
        /** @description Nothing is known of this customer key. It is the user's id, as signup answered it. */
        NotFoundCustomer: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "NOT_FOUND";
                };
            };
        };
        /** @description Something of this customer is still on its way to Affitor. */
        CustomerBusy: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "CUSTOMER_BUSY";
                };
            };
        };
        /**
         * @description - `DATABASE_UNAVAILABLE`: The database cannot be reached for now. Try again shortly: what was stored already is not stored twice.
         *     - `SHUTTING_DOWN`: This process is about to end. Another one takes the requests.
         *     - `OVERLOADED`: The service is overloaded for now. Try again shortly.
         *     - `AFFITOR_UNAVAILABLE`: Affitor cannot be asked for now. Try again shortly.
         */
        DatabaseUnavailableOrShuttingDownOrOverloadedOrAffitorUnavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "DATABASE_UNAVAILABLE" | "SHUTTING_DOWN" | "OVERLOADED" | "AFFITOR_UNAVAILABLE";
                };
            };
        };
        /** @description Send the API token: "Authorization: Bearer <API_TOKEN>". */
        BackendOnly: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "BACKEND_ONLY";
                };
            };
        };
        /** @description It is stored already, with other content. */
        ConflictingFact: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "CONFLICTING_FACT";
                };
            };
        };
        /**
         * @description - `INVALID_REQUEST`: The request is malformed.
         *     - `INVALID_JSON`: The body is not valid JSON in UTF-8.
         *     - `IMPLAUSIBLE_FACT`: This cannot have happened as it is told.
         */
        InvalidRequestOrInvalidJsonOrImplausibleFact: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "INVALID_REQUEST" | "INVALID_JSON" | "IMPLAUSIBLE_FACT";
                };
            };
        };
        /** @description There is no sale order_1001. Report the sale first. */
        NotFoundSale: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "NOT_FOUND";
                };
            };
        };
        /**
         * @description - `INVALID_REQUEST`: The request is malformed.
         *     - `INVALID_JSON`: The body is not valid JSON in UTF-8.
         *     - `UNSUPPORTED_EVENT`: Webhook Error: not a Stripe snapshot event.
         *     - `INVALID_SIGNATURE`: Webhook Error: the signature does not match the body.
         *     - `UNKNOWN_STRIPE_EVENT`: Stripe has no such event.
         *     - `STRIPE_REJECTED`: Stripe refused the request.
         */
        InvalidRequestOrInvalidJsonOrUnsupportedEventOrInvalidSignatureOrUnknownStripeEventOrStripeRejected: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorResponse"] & {
                    /** @enum {string} */
                    code?: "INVALID_REQUEST" | "INVALID_JSON" | "UNSUPPORTED_EVENT" | "INVALID_SIGNATURE" | "UNKNOWN_STRIPE_EVENT" | "STRIPE_REJECTED";
                };
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /**
         * @description Names the request in the log: that of the caller's own `X-Request-Id`, or a new one.
         * @example 7f1c9a52-2f0e-4a57-9a4e-0c8f7b0b6f0e
         */
        "X-Request-Id": string;
        /**
         * @description Seconds to wait before the next try.
         * @example 5
         */
        "Retry-After": number;
        /**
         * @description How to authenticate (RFC 6750).
         * @example Bearer realm="fastify-affitor"
         */
        "WWW-Authenticate": string;
        /**
         * @description Names this content, for `If-None-Match`.
         * @example "2jmj7l5rSw0yVb/vlWAYkK/YBwk="
         */
        ETag: string;
        /**
         * @description Whether there are more rows than the file has: `true` or `false`.
         * @example false
         */
        "X-Truncated": string;
        /**
         * @description Requests that a minute may have.
         * @example 20
         */
        "X-RateLimit-Limit": number;
        /**
         * @description Requests that are left of this minute.
         * @example 19
         */
        "X-RateLimit-Remaining": number;
        /**
         * @description Seconds until the next minute begins.
         * @example 60
         */
        "X-RateLimit-Reset": number;
        /**
         * @description The limit as the draft of the IETF has it (draft-ietf-httpapi-ratelimit-headers): `q` requests in `w` seconds.
         * @example "requests";q=20;w=60
         */
        "RateLimit-Policy": string;
        /**
         * @description What is left of it, likewise: `r` requests in the next `t` seconds.
         * @example "requests";r=19;t=60
         */
        RateLimit: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    createUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description Send the same key again when you repeat a request whose answer was lost: for 24 hours it is answered as before, with a new token. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com",
                 *       "password": "correct horse battery",
                 *       "affitorClickId": "cust_42_1714000000000"
                 *     }
                 */
                "application/json": components["schemas"]["SignupRequest"];
            };
        };
        responses: {
            /** @description Who the user is, and the token that proves it. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "userId": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "accessToken": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwYjBlM2YwZSJ9.c2lnbmF0dXJl"
                     *     }
                     */
                    "application/json": components["schemas"]["Authentication"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            403: components["responses"]["CrossOrigin"];
            409: components["responses"]["EmailTakenOrIdempotencyKeyReused"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    logIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com",
                 *       "password": "correct horse battery"
                 *     }
                 */
                "application/json": components["schemas"]["LoginRequest"];
            };
        };
        responses: {
            /** @description Who the user is, and the token that proves it. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "userId": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "accessToken": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwYjBlM2YwZSJ9.c2lnbmF0dXJl"
                     *     }
                     */
                    "application/json": components["schemas"]["Authentication"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["InvalidCredentials"];
            403: components["responses"]["CrossOrigin"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    logOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The browser has no session any more. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            403: components["responses"]["CrossOrigin"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    createCheckout: {
        parameters: {
            query?: never;
            header?: {
                /** @description Send the same key again when you repeat a request whose answer was lost: no second session is made. Keys of different users never meet. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "priceId": "price_sandbox_onetime",
                 *       "mode": "payment",
                 *       "quantity": 1,
                 *       "affitorClickId": "cust_42_1714000000000"
                 *     }
                 */
                "application/json": components["schemas"]["CheckoutRequest"];
            };
        };
        responses: {
            /** @description A Stripe Checkout Session, ready for the buyer. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sessionId": "cs_test_a1b2c3",
                     *       "url": "https://checkout.stripe.com/c/pay/cs_test_a1b2c3"
                     *     }
                     */
                    "application/json": components["schemas"]["CheckoutSession"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrStripeRejected"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["CrossOriginOrForbidden"];
            409: components["responses"]["IdempotencyKeyReused"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["StripeMisconfigured"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloadedOrStripeUnavailable"];
        };
    };
    receiveStripeEvent: {
        parameters: {
            query?: never;
            header: {
                /** @description Stripe's signature of this body: `t=<seconds>,v1=<HMAC-SHA256 of "t.body" with the endpoint's secret>`. At most 300 seconds old. */
                "stripe-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "object": "event",
                 *       "id": "evt_1NG8Du2eZvKYlo2C",
                 *       "type": "checkout.session.completed",
                 *       "created": 1793534400,
                 *       "livemode": false,
                 *       "data": {
                 *         "object": {
                 *           "id": "cs_test_a1b2c3",
                 *           "object": "checkout.session",
                 *           "mode": "payment",
                 *           "payment_status": "paid",
                 *           "amount_total": 4900,
                 *           "currency": "usd"
                 *         }
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["StripeSnapshotEvent"];
            };
        };
        responses: {
            /** @description Tells Stripe not to send this event again. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "received": true
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookReceipt"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidSignatureOrUnsupportedEvent"];
            413: components["responses"]["BodyTooLarge"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    searchCustomers: {
        parameters: {
            query: {
                /** @description E-mail in any case, customer key, or the beginning of either; id of anything at Stripe (customer, session, invoice, payment intent, charge, subscription, refund, event), transaction id or click id, in full. */
                q: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The customers that something belongs to. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "customers": [
                     *         {
                     *           "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *           "email": "ada@example.com",
                     *           "clickId": "cust_42_1714000000000",
                     *           "matched": "email",
                     *           "firstSeenAt": "2026-11-01T12:00:00.000Z",
                     *           "lastSeenAt": "2026-11-01T12:00:00.000Z",
                     *           "sales": [
                     *             {
                     *               "currency": "USD",
                     *               "count": 2,
                     *               "amountCents": 3800,
                     *               "refundedCents": 0
                     *             }
                     *           ],
                     *           "needsAttention": 0
                     *         }
                     *       ],
                     *       "truncated": false
                     *     }
                     */
                    "application/json": components["schemas"]["CustomerSearch"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloadedOrStripeUnavailable"];
        };
    };
    getAttention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What needs a person, by reason. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "groups": [
                     *         {
                     *           "kind": "fact",
                     *           "reason": "transaction_id_used_up",
                     *           "explanation": "An attempt ended in a server error, then Affitor said the transaction id exists: the commission may be missing.",
                     *           "advice": "Look in Affitor for a commission of this sale. If there is one, resolve.",
                     *           "retryable": true,
                     *           "count": 3,
                     *           "oldestSince": "2026-11-01T12:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Attention"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    retryByReason: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "transaction_id_used_up",
                 *       "by": "Grace"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Facts that need attention for this reason.
                     * @example transaction_id_used_up
                     */
                    reason: string;
                    /**
                     * @description Who does it, for the story.
                     * @example Grace
                     */
                    by?: string;
                };
            };
        };
        responses: {
            /** @description What was done to all facts of one reason. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "changed": 12,
                     *       "remaining": 0
                     *     }
                     */
                    "application/json": components["schemas"]["ChangedByReason"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            409: components["responses"]["NotRetryable"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    resolveByReason: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "transaction_id_used_up",
                 *       "note": "Affitor credited the partner by hand, ticket 4711.",
                 *       "by": "Grace"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Facts that need attention for this reason.
                     * @example transaction_id_used_up
                     */
                    reason: string;
                    /**
                     * @description What was done about it, for whoever asks later.
                     * @example Affitor credited the partner by hand, ticket 4711.
                     */
                    note: string;
                    /**
                     * @description Who does it, for the story.
                     * @example Grace
                     */
                    by?: string;
                };
            };
        };
        responses: {
            /** @description What was done to all facts of one reason. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "changed": 12,
                     *       "remaining": 0
                     *     }
                     */
                    "application/json": components["schemas"]["ChangedByReason"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    listTrackingEvents: {
        parameters: {
            query?: {
                /** @description What happened: `lead` (a signup), `sale` (a payment), `refund` (money given back). */
                kind?: components["schemas"]["TrackingKind"];
                /** @description `pending`: waits for its first or next attempt. `delivered`: Affitor recorded it. `unattributed`: no partner earned this. `rejected`: refused for a reason that a retry cannot change. `needs_attention`: a person must look. `resolved`: a person has dealt with it. `skipped`: not sent, by policy. */
                state?: components["schemas"]["TrackingState"];
                /** @description Reason, as in `reason`. */
                reason?: string;
                /** @description Where a fact comes from. `signup`: POST /api/signup. `api`: a backend reported it, by HTTP or by a method. `sql`: a function of the database. `stripe`: an event of Stripe. */
                source?: components["schemas"]["FactSource"];
                /** @description Customer key: the user's id, as Affitor and Stripe know it. */
                customerKey?: string;
                /** @description Only the facts of this transaction: with a sale, its refunds. */
                transactionId?: string;
                /** @description Only what happened at this time or later. */
                since?: string;
                /** @description Only what happened before this time. */
                until?: string;
                /** @description Only facts of the customers that a search for this finds. */
                q?: string;
                /** @description How many rows to return. */
                limit?: number;
                /** @description `nextCursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tracking events. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "events": [
                     *         {
                     *           "saleTransactionId": null,
                     *           "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *           "customerEmail": "ada@example.com",
                     *           "source": "signup",
                     *           "state": "delivered",
                     *           "reason": null,
                     *           "explanation": null,
                     *           "advice": null,
                     *           "attentionSince": null,
                     *           "resolution": null,
                     *           "retryable": false,
                     *           "attempts": 1,
                     *           "nextAttemptAt": null,
                     *           "lastStatus": 200,
                     *           "lastError": null,
                     *           "kind": "lead",
                     *           "id": 16,
                     *           "transactionId": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *           "payload": {
                     *             "v": 1,
                     *             "clickId": "cust_42_1714000000000",
                     *             "email": "ada@example.com"
                     *           },
                     *           "stripeEventId": null,
                     *           "occurredAt": "2026-11-01T11:40:00.000Z",
                     *           "response": {
                     *             "success": true
                     *           },
                     *           "createdAt": "2026-11-01T11:40:00.000Z",
                     *           "settledAt": "2026-11-01T11:40:01.000Z"
                     *         },
                     *         {
                     *           "saleTransactionId": null,
                     *           "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *           "customerEmail": "ada@example.com",
                     *           "source": "stripe",
                     *           "state": "delivered",
                     *           "reason": null,
                     *           "explanation": null,
                     *           "advice": null,
                     *           "attentionSince": null,
                     *           "resolution": null,
                     *           "retryable": false,
                     *           "attempts": 1,
                     *           "nextAttemptAt": null,
                     *           "lastStatus": 200,
                     *           "lastError": null,
                     *           "kind": "sale",
                     *           "id": 17,
                     *           "transactionId": "cs_test_a1b2c3",
                     *           "payload": {
                     *             "v": 1,
                     *             "amountCents": 4900,
                     *             "currency": "USD",
                     *             "saleType": "payment",
                     *             "isRecurring": false,
                     *             "clickId": "cust_42_1714000000000",
                     *             "productId": "prod_NWjs8kKbJWmuuc"
                     *           },
                     *           "stripeEventId": "evt_1NG8Du2eZvKYlo2C",
                     *           "occurredAt": "2026-11-01T12:00:00.000Z",
                     *           "response": {
                     *             "success": true,
                     *             "sale_id": 12,
                     *             "commission_id": 7
                     *           },
                     *           "createdAt": "2026-11-01T12:00:01.000Z",
                     *           "settledAt": "2026-11-01T12:00:02.000Z"
                     *         },
                     *         {
                     *           "saleTransactionId": "cs_test_a1b2c3",
                     *           "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *           "customerEmail": "ada@example.com",
                     *           "source": "stripe",
                     *           "state": "delivered",
                     *           "reason": null,
                     *           "explanation": null,
                     *           "advice": null,
                     *           "attentionSince": null,
                     *           "resolution": null,
                     *           "retryable": false,
                     *           "attempts": 1,
                     *           "nextAttemptAt": null,
                     *           "lastStatus": 200,
                     *           "lastError": null,
                     *           "kind": "refund",
                     *           "id": 18,
                     *           "transactionId": "re_1Nispe2eZvKYlo2Cd31jOCgZ",
                     *           "payload": {
                     *             "v": 1,
                     *             "amountCents": 1900,
                     *             "currency": "USD",
                     *             "full": false,
                     *             "refundReason": "requested_by_customer"
                     *           },
                     *           "stripeEventId": "evt_1NirD82eZvKYlo2CIvbtLWuY",
                     *           "occurredAt": "2026-11-09T08:30:00.000Z",
                     *           "response": {
                     *             "success": true,
                     *             "status": "refunded",
                     *             "commission_id": 7
                     *           },
                     *           "createdAt": "2026-11-09T08:30:01.000Z",
                     *           "settledAt": "2026-11-09T08:30:02.000Z"
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["TrackingEventPage"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    getTrackingEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the tracking event. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One fact for Affitor, and what became of it. Its `kind` says which. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrackingEvent"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFoundTrackingEvent"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    holdTrackingEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the tracking event. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "by": "Grace"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Who does it, for the story.
                     * @example Grace
                     */
                    by?: string;
                };
            };
        };
        responses: {
            /** @description One fact for Affitor, and what became of it. Its `kind` says which. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrackingEvent"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            404: components["responses"]["NotFoundTrackingEvent"];
            409: components["responses"]["NotHoldable"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    resolveTrackingEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the tracking event. */
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "note": "Affitor credited the partner by hand, ticket 4711.",
                 *       "by": "Grace"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description What was done about it, for whoever asks later.
                     * @example Affitor credited the partner by hand, ticket 4711.
                     */
                    note: string;
                    /**
                     * @description Who does it, for the story.
                     * @example Grace
                     */
                    by?: string;
                };
            };
        };
        responses: {
            /** @description One fact for Affitor, and what became of it. Its `kind` says which. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrackingEvent"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            404: components["responses"]["NotFoundTrackingEvent"];
            409: components["responses"]["NotResolvable"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    reopenTrackingEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the tracking event. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "by": "Grace"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Who does it, for the story.
                     * @example Grace
                     */
                    by?: string;
                };
            };
        };
        responses: {
            /** @description One fact for Affitor, and what became of it. Its `kind` says which. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrackingEvent"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            404: components["responses"]["NotFoundTrackingEvent"];
            409: components["responses"]["NotResolvable"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    retryTrackingEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the tracking event. */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "by": "Grace"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Who does it, for the story.
                     * @example Grace
                     */
                    by?: string;
                };
            };
        };
        responses: {
            /** @description One fact for Affitor, and what became of it. Its `kind` says which. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrackingEvent"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            404: components["responses"]["NotFoundTrackingEvent"];
            409: components["responses"]["NotRetryable"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    exportTrackingEvents: {
        parameters: {
            query?: {
                /** @description What happened: `lead` (a signup), `sale` (a payment), `refund` (money given back). */
                kind?: components["schemas"]["TrackingKind"];
                /** @description `pending`: waits for its first or next attempt. `delivered`: Affitor recorded it. `unattributed`: no partner earned this. `rejected`: refused for a reason that a retry cannot change. `needs_attention`: a person must look. `resolved`: a person has dealt with it. `skipped`: not sent, by policy. */
                state?: components["schemas"]["TrackingState"];
                /** @description Reason, as in `reason`. */
                reason?: string;
                /** @description Where a fact comes from. `signup`: POST /api/signup. `api`: a backend reported it, by HTTP or by a method. `sql`: a function of the database. `stripe`: an event of Stripe. */
                source?: components["schemas"]["FactSource"];
                /** @description Customer key: the user's id, as Affitor and Stripe know it. */
                customerKey?: string;
                /** @description Only the facts of this transaction: with a sale, its refunds. */
                transactionId?: string;
                /** @description Only what happened at this time or later. */
                since?: string;
                /** @description Only what happened before this time. */
                until?: string;
                /** @description Only facts of the customers that a search for this finds. */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One line a fact. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-Truncated": components["headers"]["X-Truncated"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id,occurred_at,kind,state
                     *     17,2026-11-01T12:00:00.000Z,sale,delivered
                     */
                    "text/csv": string;
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    listStripeEvents: {
        parameters: {
            query?: {
                /** @description `received`: stored, not read yet. `interpreted`: became a fact. `ignored`: no fact, for a reason. `parked`: waits for another event. `failed`: could not be read; a person must look. `resolved`: a person has dealt with it. */
                state?: components["schemas"]["StripeEventState"];
                /** @description Stripe's event type. */
                type?: string;
                /** @description Reason, as in `reason`. */
                reason?: string;
                /** @description Customer key: the user's id, as Affitor and Stripe know it. */
                customerKey?: string;
                /** @description Only what was created at this time or later, by Stripe's clock. */
                since?: string;
                /** @description Only what was created before this time. */
                until?: string;
                /** @description How many rows to return. */
                limit?: number;
                /** @description `nextCursor` of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of stored Stripe events. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "events": [
                     *         {
                     *           "id": "evt_1NG8Du2eZvKYlo2C",
                     *           "type": "checkout.session.completed",
                     *           "apiVersion": "2026-10-28.endive",
                     *           "livemode": true,
                     *           "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *           "customerEmail": "ada@example.com",
                     *           "createdAt": "2026-11-01T12:00:00.000Z",
                     *           "receivedAt": "2026-11-01T12:00:00.000Z",
                     *           "state": "ignored",
                     *           "reason": "unpaid",
                     *           "explanation": "Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes.",
                     *           "advice": null,
                     *           "attentionSince": null,
                     *           "resolution": null,
                     *           "attempts": 1,
                     *           "nextAttemptAt": null
                     *         }
                     *       ],
                     *       "nextCursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["StripeEventPage"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    getStripeEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Stripe's id of the event. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A Stripe event as it was received, and what was made of it. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "evt_1NG8Du2eZvKYlo2C",
                     *       "type": "checkout.session.completed",
                     *       "apiVersion": "2026-10-28.endive",
                     *       "livemode": true,
                     *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "customerEmail": "ada@example.com",
                     *       "createdAt": "2026-11-01T12:00:00.000Z",
                     *       "receivedAt": "2026-11-01T12:00:00.000Z",
                     *       "state": "ignored",
                     *       "reason": "unpaid",
                     *       "explanation": "Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes.",
                     *       "advice": null,
                     *       "attentionSince": null,
                     *       "resolution": null,
                     *       "attempts": 1,
                     *       "nextAttemptAt": null
                     *     }
                     */
                    "application/json": components["schemas"]["StripeEvent"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFoundStripeEvent"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    resolveStripeEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Stripe's id of the event. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "note": "Affitor credited the partner by hand, ticket 4711.",
                 *       "by": "Grace"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description What was done about it, for whoever asks later.
                     * @example Affitor credited the partner by hand, ticket 4711.
                     */
                    note: string;
                    /**
                     * @description Who does it, for the story.
                     * @example Grace
                     */
                    by?: string;
                };
            };
        };
        responses: {
            /** @description A Stripe event as it was received, and what was made of it. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "evt_1NG8Du2eZvKYlo2C",
                     *       "type": "checkout.session.completed",
                     *       "apiVersion": "2026-10-28.endive",
                     *       "livemode": true,
                     *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "customerEmail": "ada@example.com",
                     *       "createdAt": "2026-11-01T12:00:00.000Z",
                     *       "receivedAt": "2026-11-01T12:00:00.000Z",
                     *       "state": "ignored",
                     *       "reason": "unpaid",
                     *       "explanation": "Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes.",
                     *       "advice": null,
                     *       "attentionSince": null,
                     *       "resolution": null,
                     *       "attempts": 1,
                     *       "nextAttemptAt": null
                     *     }
                     */
                    "application/json": components["schemas"]["StripeEvent"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            404: components["responses"]["NotFoundStripeEvent"];
            409: components["responses"]["NotResolvable"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    reopenStripeEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Stripe's id of the event. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "by": "Grace"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Who does it, for the story.
                     * @example Grace
                     */
                    by?: string;
                };
            };
        };
        responses: {
            /** @description A Stripe event as it was received, and what was made of it. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "evt_1NG8Du2eZvKYlo2C",
                     *       "type": "checkout.session.completed",
                     *       "apiVersion": "2026-10-28.endive",
                     *       "livemode": true,
                     *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "customerEmail": "ada@example.com",
                     *       "createdAt": "2026-11-01T12:00:00.000Z",
                     *       "receivedAt": "2026-11-01T12:00:00.000Z",
                     *       "state": "ignored",
                     *       "reason": "unpaid",
                     *       "explanation": "Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes.",
                     *       "advice": null,
                     *       "attentionSince": null,
                     *       "resolution": null,
                     *       "attempts": 1,
                     *       "nextAttemptAt": null
                     *     }
                     */
                    "application/json": components["schemas"]["StripeEvent"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            404: components["responses"]["NotFoundStripeEvent"];
            409: components["responses"]["NotResolvable"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    retryStripeEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Stripe's id of the event. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "by": "Grace"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description Who does it, for the story.
                     * @example Grace
                     */
                    by?: string;
                };
            };
        };
        responses: {
            /** @description A Stripe event as it was received, and what was made of it. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "evt_1NG8Du2eZvKYlo2C",
                     *       "type": "checkout.session.completed",
                     *       "apiVersion": "2026-10-28.endive",
                     *       "livemode": true,
                     *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "customerEmail": "ada@example.com",
                     *       "createdAt": "2026-11-01T12:00:00.000Z",
                     *       "receivedAt": "2026-11-01T12:00:00.000Z",
                     *       "state": "ignored",
                     *       "reason": "unpaid",
                     *       "explanation": "Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes.",
                     *       "advice": null,
                     *       "attentionSince": null,
                     *       "resolution": null,
                     *       "attempts": 1,
                     *       "nextAttemptAt": null
                     *     }
                     */
                    "application/json": components["schemas"]["StripeEvent"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            404: components["responses"]["NotFoundStripeEvent"];
            409: components["responses"]["NotRetryable"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    getCustomerStory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Customer key: the user's id, as Affitor and Stripe know it. */
                customerKey: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One customer from click to refund: the answer to "why did this partner not get paid?". */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "email": "ada@example.com",
                     *       "verdict": "Two payments, 38.00 USD; the partner was credited for both.",
                     *       "clickId": "cust_42_1714000000000",
                     *       "stripeReferences": [
                     *         "cus_NffrFeUfNV2Hib"
                     *       ],
                     *       "entries": [
                     *         {
                     *           "at": "2026-11-01T12:00:00.000Z",
                     *           "kind": "stripe_event",
                     *           "stripeEvent": {
                     *             "id": "evt_1NG8Du2eZvKYlo2C",
                     *             "type": "checkout.session.completed",
                     *             "apiVersion": "2026-10-28.endive",
                     *             "livemode": true,
                     *             "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *             "customerEmail": "ada@example.com",
                     *             "createdAt": "2026-11-01T12:00:00.000Z",
                     *             "receivedAt": "2026-11-01T12:00:00.000Z",
                     *             "state": "ignored",
                     *             "reason": "unpaid",
                     *             "explanation": "Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes.",
                     *             "advice": null,
                     *             "attentionSince": null,
                     *             "resolution": null,
                     *             "attempts": 1,
                     *             "nextAttemptAt": null
                     *           }
                     *         },
                     *         {
                     *           "at": "2026-11-01T12:00:00.000Z",
                     *           "kind": "checkout",
                     *           "checkout": {
                     *             "sessionId": "cs_test_a1b2c3",
                     *             "priceId": "price_sandbox_onetime",
                     *             "mode": "payment",
                     *             "quantity": 1
                     *           }
                     *         },
                     *         {
                     *           "at": "2026-11-01T12:00:00.000Z",
                     *           "kind": "fact",
                     *           "trackingEvent": {
                     *             "saleTransactionId": null,
                     *             "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *             "customerEmail": "ada@example.com",
                     *             "source": "signup",
                     *             "state": "delivered",
                     *             "reason": null,
                     *             "explanation": null,
                     *             "advice": null,
                     *             "attentionSince": null,
                     *             "resolution": null,
                     *             "retryable": false,
                     *             "attempts": 1,
                     *             "nextAttemptAt": null,
                     *             "lastStatus": 200,
                     *             "lastError": null,
                     *             "kind": "lead",
                     *             "id": 16,
                     *             "transactionId": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *             "payload": {
                     *               "v": 1,
                     *               "clickId": "cust_42_1714000000000",
                     *               "email": "ada@example.com"
                     *             },
                     *             "stripeEventId": null,
                     *             "occurredAt": "2026-11-01T11:40:00.000Z",
                     *             "response": {
                     *               "success": true
                     *             },
                     *             "createdAt": "2026-11-01T11:40:00.000Z",
                     *             "settledAt": "2026-11-01T11:40:01.000Z"
                     *           }
                     *         },
                     *         {
                     *           "at": "2026-11-01T12:00:00.000Z",
                     *           "kind": "attempt",
                     *           "attempt": {
                     *             "trackingEventId": 17,
                     *             "attempt": 1,
                     *             "status": 200,
                     *             "error": null,
                     *             "durationMs": 48
                     *           }
                     *         },
                     *         {
                     *           "at": "2026-11-01T12:00:00.000Z",
                     *           "kind": "action",
                     *           "action": {
                     *             "action": "resolve",
                     *             "trackingEventId": 17,
                     *             "stripeEventId": null,
                     *             "note": "Affitor credited the partner by hand, ticket 4711.",
                     *             "by": "Grace"
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["CustomerStory"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFoundCustomer"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    deletePersonalData: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Customer key: the user's id, as Affitor and Stripe know it. */
                customerKey: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many rows had personal data of the customer, which was removed from them. Done again, it is 0 of each. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "facts": 3,
                     *       "deliveryAttempts": 1,
                     *       "stripeEvents": 7,
                     *       "notes": 0
                     *     }
                     */
                    "application/json": components["schemas"]["PersonalDataRemoval"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            404: components["responses"]["NotFoundCustomer"];
            409: components["responses"]["CustomerBusy"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    exportCustomer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Customer key: the user's id, as Affitor and Stripe know it. */
                customerKey: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Everything that is stored of one customer. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "forgottenAt": null,
                     *       "user": {
                     *         "email": "ada@example.com"
                     *       },
                     *       "facts": [
                     *         {
                     *           "saleTransactionId": null,
                     *           "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *           "customerEmail": "ada@example.com",
                     *           "source": "signup",
                     *           "state": "delivered",
                     *           "reason": null,
                     *           "explanation": null,
                     *           "advice": null,
                     *           "attentionSince": null,
                     *           "resolution": null,
                     *           "retryable": false,
                     *           "attempts": 1,
                     *           "nextAttemptAt": null,
                     *           "lastStatus": 200,
                     *           "lastError": null,
                     *           "kind": "lead",
                     *           "id": 16,
                     *           "transactionId": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *           "payload": {
                     *             "v": 1,
                     *             "clickId": "cust_42_1714000000000",
                     *             "email": "ada@example.com"
                     *           },
                     *           "stripeEventId": null,
                     *           "occurredAt": "2026-11-01T11:40:00.000Z",
                     *           "response": {
                     *             "success": true
                     *           },
                     *           "createdAt": "2026-11-01T11:40:00.000Z",
                     *           "settledAt": "2026-11-01T11:40:01.000Z"
                     *         },
                     *         {
                     *           "saleTransactionId": null,
                     *           "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *           "customerEmail": "ada@example.com",
                     *           "source": "stripe",
                     *           "state": "delivered",
                     *           "reason": null,
                     *           "explanation": null,
                     *           "advice": null,
                     *           "attentionSince": null,
                     *           "resolution": null,
                     *           "retryable": false,
                     *           "attempts": 1,
                     *           "nextAttemptAt": null,
                     *           "lastStatus": 200,
                     *           "lastError": null,
                     *           "kind": "sale",
                     *           "id": 17,
                     *           "transactionId": "cs_test_a1b2c3",
                     *           "payload": {
                     *             "v": 1,
                     *             "amountCents": 4900,
                     *             "currency": "USD",
                     *             "saleType": "payment",
                     *             "isRecurring": false,
                     *             "clickId": "cust_42_1714000000000",
                     *             "productId": "prod_NWjs8kKbJWmuuc"
                     *           },
                     *           "stripeEventId": "evt_1NG8Du2eZvKYlo2C",
                     *           "occurredAt": "2026-11-01T12:00:00.000Z",
                     *           "response": {
                     *             "success": true,
                     *             "sale_id": 12,
                     *             "commission_id": 7
                     *           },
                     *           "createdAt": "2026-11-01T12:00:01.000Z",
                     *           "settledAt": "2026-11-01T12:00:02.000Z"
                     *         },
                     *         {
                     *           "saleTransactionId": "cs_test_a1b2c3",
                     *           "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *           "customerEmail": "ada@example.com",
                     *           "source": "stripe",
                     *           "state": "delivered",
                     *           "reason": null,
                     *           "explanation": null,
                     *           "advice": null,
                     *           "attentionSince": null,
                     *           "resolution": null,
                     *           "retryable": false,
                     *           "attempts": 1,
                     *           "nextAttemptAt": null,
                     *           "lastStatus": 200,
                     *           "lastError": null,
                     *           "kind": "refund",
                     *           "id": 18,
                     *           "transactionId": "re_1Nispe2eZvKYlo2Cd31jOCgZ",
                     *           "payload": {
                     *             "v": 1,
                     *             "amountCents": 1900,
                     *             "currency": "USD",
                     *             "full": false,
                     *             "refundReason": "requested_by_customer"
                     *           },
                     *           "stripeEventId": "evt_1NirD82eZvKYlo2CIvbtLWuY",
                     *           "occurredAt": "2026-11-09T08:30:00.000Z",
                     *           "response": {
                     *             "success": true,
                     *             "status": "refunded",
                     *             "commission_id": 7
                     *           },
                     *           "createdAt": "2026-11-09T08:30:01.000Z",
                     *           "settledAt": "2026-11-09T08:30:02.000Z"
                     *         }
                     *       ],
                     *       "attempts": [
                     *         {
                     *           "at": "2026-11-01T12:00:00.000Z",
                     *           "attempt": {
                     *             "trackingEventId": 17,
                     *             "attempt": 1,
                     *             "status": 200,
                     *             "error": null,
                     *             "durationMs": 48
                     *           }
                     *         }
                     *       ],
                     *       "stripeEvents": [
                     *         {
                     *           "event": {
                     *             "id": "evt_1NG8Du2eZvKYlo2C",
                     *             "type": "checkout.session.completed",
                     *             "apiVersion": "2026-10-28.endive",
                     *             "livemode": true,
                     *             "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *             "customerEmail": "ada@example.com",
                     *             "createdAt": "2026-11-01T12:00:00.000Z",
                     *             "receivedAt": "2026-11-01T12:00:00.000Z",
                     *             "state": "ignored",
                     *             "reason": "unpaid",
                     *             "explanation": "Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes.",
                     *             "advice": null,
                     *             "attentionSince": null,
                     *             "resolution": null,
                     *             "attempts": 1,
                     *             "nextAttemptAt": null
                     *           },
                     *           "payload": {
                     *             "id": "evt_1NG8Du2eZvKYlo2C",
                     *             "object": "event"
                     *           }
                     *         }
                     *       ],
                     *       "checkouts": [
                     *         {
                     *           "at": "2026-11-01T12:00:00.000Z",
                     *           "checkout": {
                     *             "sessionId": "cs_test_a1b2c3",
                     *             "priceId": "price_sandbox_onetime",
                     *             "mode": "payment",
                     *             "quantity": 1
                     *           }
                     *         }
                     *       ],
                     *       "stripeReferences": [
                     *         {
                     *           "reference": "cus_NffrFeUfNV2Hib",
                     *           "livemode": true,
                     *           "since": "2026-11-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "saleReferences": [
                     *         {
                     *           "reference": "pi_3MtwBwLkdIwHu7ix28a3tqPa",
                     *           "saleTransactionId": "cs_test_a1b2c3"
                     *         }
                     *       ],
                     *       "operatorActions": [
                     *         {
                     *           "at": "2026-11-01T12:00:00.000Z",
                     *           "kind": "action",
                     *           "action": {
                     *             "action": "resolve",
                     *             "trackingEventId": 17,
                     *             "stripeEventId": null,
                     *             "note": "Affitor credited the partner by hand, ticket 4711.",
                     *             "by": "Grace"
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["CustomerExport"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFoundCustomer"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    getTrackingSummary: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How the ledger stands. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "counts": [
                     *         {
                     *           "kind": "sale",
                     *           "state": "delivered",
                     *           "count": 12
                     *         }
                     *       ],
                     *       "oldestPendingSeconds": 0.4,
                     *       "stripeEvents": [
                     *         {
                     *           "state": "ignored",
                     *           "count": 12
                     *         }
                     *       ],
                     *       "delivery": {
                     *         "state": "running",
                     *         "reason": null,
                     *         "pausedUntil": null
                     *       },
                     *       "stripeDashboard": "https://dashboard.stripe.com/test",
                     *       "affitorDashboard": "https://affitor.com"
                     *     }
                     */
                    "application/json": components["schemas"]["TrackingSummary"];
                };
            };
            /** @description Nothing has changed since the answer whose `ETag` is in `If-None-Match`. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    getTrackingFunnel: {
        parameters: {
            query?: {
                /** @description How far back a report looks, to now. */
                period?: components["schemas"]["Period"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What came of visitors in a period. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "period": "24h",
                     *       "since": "2026-11-01T12:00:00.000Z",
                     *       "leads": 80,
                     *       "referredLeads": 31,
                     *       "checkouts": 20,
                     *       "sales": 12,
                     *       "currencies": [
                     *         {
                     *           "currency": "USD",
                     *           "sales": 12,
                     *           "attributedSales": 9,
                     *           "revenueCents": 58800,
                     *           "refundedCents": 4900,
                     *           "commissionCents": 7840
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["TrackingFunnel"];
                };
            };
            /** @description Nothing has changed since the answer whose `ETag` is in `If-None-Match`. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    getDeliveryReport: {
        parameters: {
            query?: {
                /** @description How far back a report looks, to now. */
                period?: components["schemas"]["Period"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Calls to Affitor over time. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "period": "24h",
                     *       "since": "2026-11-01T12:00:00.000Z",
                     *       "bucketSeconds": 900,
                     *       "buckets": [
                     *         {
                     *           "at": "2026-11-01T12:00:00.000Z",
                     *           "answered": 14,
                     *           "failed": 1
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["DeliveryReport"];
                };
            };
            /** @description Nothing has changed since the answer whose `ETag` is in `If-None-Match`. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    getChecks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether everything is connected right. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "checks": [
                     *         {
                     *           "check": "stripe-endpoint-events",
                     *           "status": "pass",
                     *           "message": "The endpoint sends every event that is needed.",
                     *           "fix": null
                     *         }
                     *       ],
                     *       "checkedAt": "2026-11-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["InstallationChecks"];
                };
            };
            /** @description Nothing has changed since the answer whose `ETag` is in `If-None-Match`. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    getProgramStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What Affitor says of the program. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "programId": "42",
                     *       "state": "live_verified",
                     *       "blocker": null,
                     *       "clicks24h": 412,
                     *       "checkedAt": "2026-11-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ProgramStatus"];
                };
            };
            /** @description Nothing has changed since the answer whose `ETag` is in `If-None-Match`. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["OperatorOnly"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloadedOrAffitorUnavailable"];
        };
    };
    reportLead: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                 *       "email": "grace@example.com",
                 *       "clickId": "cust_42_1714000000000"
                 *     }
                 */
                "application/json": components["schemas"]["LeadReport"];
            };
        };
        responses: {
            /** @description A signup, and what became of it. It has either a `payload`, or, where that is of no known version, an `unreadablePayload`. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "saleTransactionId": null,
                     *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "customerEmail": "ada@example.com",
                     *       "source": "signup",
                     *       "state": "delivered",
                     *       "reason": null,
                     *       "explanation": null,
                     *       "advice": null,
                     *       "attentionSince": null,
                     *       "resolution": null,
                     *       "retryable": false,
                     *       "attempts": 1,
                     *       "nextAttemptAt": null,
                     *       "lastStatus": 200,
                     *       "lastError": null,
                     *       "kind": "lead",
                     *       "id": 16,
                     *       "transactionId": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "payload": {
                     *         "v": 1,
                     *         "clickId": "cust_42_1714000000000",
                     *         "email": "ada@example.com"
                     *       },
                     *       "stripeEventId": null,
                     *       "occurredAt": "2026-11-01T11:40:00.000Z",
                     *       "response": {
                     *         "success": true
                     *       },
                     *       "createdAt": "2026-11-01T11:40:00.000Z",
                     *       "settledAt": "2026-11-01T11:40:01.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["LeadEvent"];
                };
            };
            /** @description A signup, and what became of it. It has either a `payload`, or, where that is of no known version, an `unreadablePayload`. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "saleTransactionId": null,
                     *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "customerEmail": "ada@example.com",
                     *       "source": "signup",
                     *       "state": "delivered",
                     *       "reason": null,
                     *       "explanation": null,
                     *       "advice": null,
                     *       "attentionSince": null,
                     *       "resolution": null,
                     *       "retryable": false,
                     *       "attempts": 1,
                     *       "nextAttemptAt": null,
                     *       "lastStatus": 200,
                     *       "lastError": null,
                     *       "kind": "lead",
                     *       "id": 16,
                     *       "transactionId": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "payload": {
                     *         "v": 1,
                     *         "clickId": "cust_42_1714000000000",
                     *         "email": "ada@example.com"
                     *       },
                     *       "stripeEventId": null,
                     *       "occurredAt": "2026-11-01T11:40:00.000Z",
                     *       "response": {
                     *         "success": true
                     *       },
                     *       "createdAt": "2026-11-01T11:40:00.000Z",
                     *       "settledAt": "2026-11-01T11:40:01.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["LeadEvent"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["BackendOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            409: components["responses"]["ConflictingFact"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    reportSale: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                 *       "transactionId": "order_1001",
                 *       "amountCents": 4900,
                 *       "currency": "USD",
                 *       "saleType": "subscription",
                 *       "isRecurring": false,
                 *       "subscriptionId": "subscription_7",
                 *       "subscriptionInterval": "monthly",
                 *       "productId": "pro-plan"
                 *     }
                 */
                "application/json": components["schemas"]["SaleReport"];
            };
        };
        responses: {
            /** @description A payment, and what became of it. It has either a `payload`, or, where that is of no known version, an `unreadablePayload`. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "saleTransactionId": null,
                     *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "customerEmail": "ada@example.com",
                     *       "source": "stripe",
                     *       "state": "delivered",
                     *       "reason": null,
                     *       "explanation": null,
                     *       "advice": null,
                     *       "attentionSince": null,
                     *       "resolution": null,
                     *       "retryable": false,
                     *       "attempts": 1,
                     *       "nextAttemptAt": null,
                     *       "lastStatus": 200,
                     *       "lastError": null,
                     *       "kind": "sale",
                     *       "id": 17,
                     *       "transactionId": "cs_test_a1b2c3",
                     *       "payload": {
                     *         "v": 1,
                     *         "amountCents": 4900,
                     *         "currency": "USD",
                     *         "saleType": "payment",
                     *         "isRecurring": false,
                     *         "clickId": "cust_42_1714000000000",
                     *         "productId": "prod_NWjs8kKbJWmuuc"
                     *       },
                     *       "stripeEventId": "evt_1NG8Du2eZvKYlo2C",
                     *       "occurredAt": "2026-11-01T12:00:00.000Z",
                     *       "response": {
                     *         "success": true,
                     *         "sale_id": 12,
                     *         "commission_id": 7
                     *       },
                     *       "createdAt": "2026-11-01T12:00:01.000Z",
                     *       "settledAt": "2026-11-01T12:00:02.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["SaleEvent"];
                };
            };
            /** @description A payment, and what became of it. It has either a `payload`, or, where that is of no known version, an `unreadablePayload`. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "saleTransactionId": null,
                     *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "customerEmail": "ada@example.com",
                     *       "source": "stripe",
                     *       "state": "delivered",
                     *       "reason": null,
                     *       "explanation": null,
                     *       "advice": null,
                     *       "attentionSince": null,
                     *       "resolution": null,
                     *       "retryable": false,
                     *       "attempts": 1,
                     *       "nextAttemptAt": null,
                     *       "lastStatus": 200,
                     *       "lastError": null,
                     *       "kind": "sale",
                     *       "id": 17,
                     *       "transactionId": "cs_test_a1b2c3",
                     *       "payload": {
                     *         "v": 1,
                     *         "amountCents": 4900,
                     *         "currency": "USD",
                     *         "saleType": "payment",
                     *         "isRecurring": false,
                     *         "clickId": "cust_42_1714000000000",
                     *         "productId": "prod_NWjs8kKbJWmuuc"
                     *       },
                     *       "stripeEventId": "evt_1NG8Du2eZvKYlo2C",
                     *       "occurredAt": "2026-11-01T12:00:00.000Z",
                     *       "response": {
                     *         "success": true,
                     *         "sale_id": 12,
                     *         "commission_id": 7
                     *       },
                     *       "createdAt": "2026-11-01T12:00:01.000Z",
                     *       "settledAt": "2026-11-01T12:00:02.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["SaleEvent"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrImplausibleFact"];
            401: components["responses"]["BackendOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            409: components["responses"]["ConflictingFact"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    reportRefund: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "saleTransactionId": "order_1001",
                 *       "refundId": "refund_55",
                 *       "amountCents": 4900,
                 *       "reason": "requested_by_customer"
                 *     }
                 */
                "application/json": components["schemas"]["RefundReport"];
            };
        };
        responses: {
            /** @description Money given back, and what became of it. It has either a `payload`, or, where that is of no known version, an `unreadablePayload`. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "saleTransactionId": "cs_test_a1b2c3",
                     *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "customerEmail": "ada@example.com",
                     *       "source": "stripe",
                     *       "state": "delivered",
                     *       "reason": null,
                     *       "explanation": null,
                     *       "advice": null,
                     *       "attentionSince": null,
                     *       "resolution": null,
                     *       "retryable": false,
                     *       "attempts": 1,
                     *       "nextAttemptAt": null,
                     *       "lastStatus": 200,
                     *       "lastError": null,
                     *       "kind": "refund",
                     *       "id": 18,
                     *       "transactionId": "re_1Nispe2eZvKYlo2Cd31jOCgZ",
                     *       "payload": {
                     *         "v": 1,
                     *         "amountCents": 1900,
                     *         "currency": "USD",
                     *         "full": false,
                     *         "refundReason": "requested_by_customer"
                     *       },
                     *       "stripeEventId": "evt_1NirD82eZvKYlo2CIvbtLWuY",
                     *       "occurredAt": "2026-11-09T08:30:00.000Z",
                     *       "response": {
                     *         "success": true,
                     *         "status": "refunded",
                     *         "commission_id": 7
                     *       },
                     *       "createdAt": "2026-11-09T08:30:01.000Z",
                     *       "settledAt": "2026-11-09T08:30:02.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["RefundEvent"];
                };
            };
            /** @description Money given back, and what became of it. It has either a `payload`, or, where that is of no known version, an `unreadablePayload`. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "saleTransactionId": "cs_test_a1b2c3",
                     *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "customerEmail": "ada@example.com",
                     *       "source": "stripe",
                     *       "state": "delivered",
                     *       "reason": null,
                     *       "explanation": null,
                     *       "advice": null,
                     *       "attentionSince": null,
                     *       "resolution": null,
                     *       "retryable": false,
                     *       "attempts": 1,
                     *       "nextAttemptAt": null,
                     *       "lastStatus": 200,
                     *       "lastError": null,
                     *       "kind": "refund",
                     *       "id": 18,
                     *       "transactionId": "re_1Nispe2eZvKYlo2Cd31jOCgZ",
                     *       "payload": {
                     *         "v": 1,
                     *         "amountCents": 1900,
                     *         "currency": "USD",
                     *         "full": false,
                     *         "refundReason": "requested_by_customer"
                     *       },
                     *       "stripeEventId": "evt_1NirD82eZvKYlo2CIvbtLWuY",
                     *       "occurredAt": "2026-11-09T08:30:00.000Z",
                     *       "response": {
                     *         "success": true,
                     *         "status": "refunded",
                     *         "commission_id": 7
                     *       },
                     *       "createdAt": "2026-11-09T08:30:01.000Z",
                     *       "settledAt": "2026-11-09T08:30:02.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["RefundEvent"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrImplausibleFact"];
            401: components["responses"]["BackendOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            404: components["responses"]["NotFoundSale"];
            409: components["responses"]["ConflictingFact"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    getAttribution: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "customerKey": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                 *       "clickId": "cust_42_1714000000000"
                 *     }
                 */
                "application/json": components["schemas"]["AttributionRequest"];
            };
        };
        responses: {
            /** @description Metadata for Stripe objects, by which their payments are attributed. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "affitor_customer_key": "0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11",
                     *       "program_id": "42",
                     *       "affitor_click_id": "cust_42_1714000000000"
                     *     }
                     */
                    "application/json": components["schemas"]["AttributionMetadata"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJson"];
            401: components["responses"]["BackendOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    reportStripeEvent: {
        parameters: {
            query?: never;
            header?: {
                /** @description Stripe's signature of this body: `t=<seconds>,v1=<HMAC-SHA256 of "t.body" with the endpoint's secret>`. At most 300 seconds old. */
                "stripe-signature"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "object": "event",
                 *       "id": "evt_1NG8Du2eZvKYlo2C",
                 *       "type": "checkout.session.completed",
                 *       "account": "acct_1Nv0FGQ9RKHgCVdK",
                 *       "data": {
                 *         "object": {
                 *           "id": "cs_test_a1b2c3",
                 *           "object": "checkout.session",
                 *           "mode": "payment",
                 *           "payment_status": "paid",
                 *           "amount_total": 4900,
                 *           "currency": "usd"
                 *         }
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["StripeEventReport"];
            };
        };
        responses: {
            /** @description What became of a reported Stripe event. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    RateLimit: components["headers"]["RateLimit"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "received": true,
                     *       "stored": true
                     *     }
                     */
                    "application/json": components["schemas"]["StripeEventReceipt"];
                };
            };
            400: components["responses"]["InvalidRequestOrInvalidJsonOrUnsupportedEventOrInvalidSignatureOrUnknownStripeEventOrStripeRejected"];
            401: components["responses"]["BackendOnly"];
            403: components["responses"]["ForbiddenOrCrossOrigin"];
            413: components["responses"]["BodyTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["RateLimited"];
            500: components["responses"]["InternalError"];
            502: components["responses"]["StripeMisconfigured"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloadedOrStripeUnavailable"];
        };
    };
    getLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The process is alive. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok"
                     *     }
                     */
                    "application/json": components["schemas"]["Liveness"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The service can take requests. Paused delivery does not make it unready: facts are kept until it goes on. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok",
                     *       "delivery": {
                     *         "state": "running",
                     *         "reason": null,
                     *         "pausedUntil": null
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["DatabaseUnavailableOrShuttingDownOrOverloaded"];
        };
    };
    receiveAlert: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "text": "3 facts need attention: 3 transaction_id_used_up. https://api.example.com/operator",
                 *       "cause": "attention",
                 *       "state": "raised",
                 *       "since": "2026-11-01T12:00:00.000Z",
                 *       "count": 3,
                 *       "operatorUrl": "https://api.example.com/operator"
                 *     }
                 */
                "application/json": components["schemas"]["AlertMessage"];
            };
        };
        responses: {
            /** @description The message has arrived. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
