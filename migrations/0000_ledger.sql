CREATE TABLE "checkout_sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"customer_key" text NOT NULL,
	"price_id" text NOT NULL,
	"mode" text NOT NULL,
	"quantity" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "customer_references" (
	"reference" text PRIMARY KEY NOT NULL,
	"customer_key" text NOT NULL,
	"livemode" boolean NOT NULL,
	"reusable" boolean DEFAULT false NOT NULL,
	"since" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "delivery_attempts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "delivery_attempts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"tracking_event_id" bigint NOT NULL,
	"attempt" integer NOT NULL,
	"status" integer NOT NULL,
	"error" text,
	"duration_ms" integer NOT NULL,
	"finished_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "delivery_pauses" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"reason" text NOT NULL,
	"failures" integer DEFAULT 1 NOT NULL,
	"since" timestamp with time zone DEFAULT now() NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"mode" text NOT NULL,
	"affitor_program_id" text NOT NULL,
	"stripe_livemode" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "installation_is_one_row" CHECK ("installation"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "sale_references" (
	"reference" text NOT NULL,
	"sale_transaction_id" text NOT NULL,
	CONSTRAINT "sale_references_reference_sale_transaction_id_pk" PRIMARY KEY("reference","sale_transaction_id")
);
--> statement-breakpoint
CREATE TABLE "stripe_events" (
	"id" text PRIMARY KEY NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "stripe_events_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"type" text NOT NULL,
	"api_version" text,
	"livemode" boolean NOT NULL,
	"created" timestamp with time zone NOT NULL,
	"payload" text NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"state" text DEFAULT 'received' NOT NULL,
	"reason" text,
	"waiting_for" text[],
	"parked_since" timestamp with time zone,
	"customer_key" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone DEFAULT now(),
	"leased_until" timestamp with time zone,
	"leased_by" text,
	"last_error" text
);
--> statement-breakpoint
CREATE TABLE "tracking_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tracking_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"transaction_id" text NOT NULL,
	"sale_transaction_id" text,
	"customer_key" text NOT NULL,
	"payload" jsonb NOT NULL,
	"source" text NOT NULL,
	"occurred_at" timestamp with time zone DEFAULT now() NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"reason" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone DEFAULT now(),
	"give_up_at" timestamp with time zone,
	"refused_at" timestamp with time zone,
	"leased_until" timestamp with time zone,
	"leased_by" text,
	"last_status" integer,
	"last_error" text,
	"response" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"password_hash" text NOT NULL,
	"affitor_click_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "delivery_attempts" ADD CONSTRAINT "delivery_attempts_tracking_event_id_tracking_events_id_fk" FOREIGN KEY ("tracking_event_id") REFERENCES "public"."tracking_events"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "checkout_sessions_customer" ON "checkout_sessions" USING btree ("customer_key","created_at");--> statement-breakpoint
CREATE INDEX "checkout_sessions_created" ON "checkout_sessions" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "customer_references_customer" ON "customer_references" USING btree ("customer_key");--> statement-breakpoint
CREATE INDEX "delivery_attempts_tracking_event" ON "delivery_attempts" USING btree ("tracking_event_id","id");--> statement-breakpoint
CREATE INDEX "delivery_attempts_finished" ON "delivery_attempts" USING btree ("finished_at");--> statement-breakpoint
CREATE INDEX "sale_references_sale" ON "sale_references" USING btree ("sale_transaction_id");--> statement-breakpoint
CREATE UNIQUE INDEX "stripe_events_seq_key" ON "stripe_events" USING btree ("seq");--> statement-breakpoint
CREATE INDEX "stripe_events_due" ON "stripe_events" USING btree ("next_attempt_at","seq") WHERE state in ('received', 'parked');--> statement-breakpoint
CREATE INDEX "stripe_events_waiting_for" ON "stripe_events" USING gin ("waiting_for") WITH (fastupdate=false) WHERE waiting_for is not null;--> statement-breakpoint
CREATE INDEX "stripe_events_customer" ON "stripe_events" USING btree ("customer_key","created") WHERE customer_key is not null;--> statement-breakpoint
CREATE INDEX "stripe_events_state_seq" ON "stripe_events" USING btree ("state","seq");--> statement-breakpoint
CREATE INDEX "stripe_events_final" ON "stripe_events" USING btree ("received_at") WHERE state in ('interpreted', 'ignored');--> statement-breakpoint
CREATE UNIQUE INDEX "tracking_events_kind_transaction_id_key" ON "tracking_events" USING btree ("kind","transaction_id");--> statement-breakpoint
CREATE INDEX "tracking_events_due" ON "tracking_events" USING btree ("next_attempt_at","id") WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX "tracking_events_pending_of_customer" ON "tracking_events" USING btree ("customer_key","id") WHERE state = 'pending';--> statement-breakpoint
CREATE INDEX "tracking_events_customer" ON "tracking_events" USING btree ("customer_key","id");--> statement-breakpoint
CREATE INDEX "tracking_events_state_id" ON "tracking_events" USING btree ("state","id");--> statement-breakpoint
CREATE INDEX "tracking_events_occurred" ON "tracking_events" USING btree ("occurred_at");--> statement-breakpoint
CREATE INDEX "tracking_events_refunds_of_sale" ON "tracking_events" USING btree ("sale_transaction_id") WHERE kind = 'refund';--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "users" USING btree (lower("email"));