CREATE TABLE "checkout_sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"customer_key" text NOT NULL,
	"price_id" text NOT NULL,
	"mode" text NOT NULL,
	"quantity" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "checkout_sessions_customer" ON "checkout_sessions" USING btree ("customer_key","created_at");--> statement-breakpoint
CREATE INDEX "checkout_sessions_created" ON "checkout_sessions" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "delivery_attempts_finished" ON "delivery_attempts" USING btree ("finished_at");--> statement-breakpoint
CREATE INDEX "tracking_events_occurred" ON "tracking_events" USING btree ("occurred_at");