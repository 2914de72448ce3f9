DROP INDEX "stripe_events_waiting_for";--> statement-breakpoint
ALTER TABLE "stripe_events" ALTER COLUMN "waiting_for" SET DATA TYPE text[] USING CASE WHEN "waiting_for" IS NOT NULL THEN ARRAY["waiting_for"] END;--> statement-breakpoint
ALTER TABLE "customer_references" ADD COLUMN "reusable" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "stripe_events" ADD COLUMN "parked_since" timestamp with time zone;--> statement-breakpoint
UPDATE "stripe_events" SET "parked_since" = "received_at" WHERE "state" = 'parked';--> statement-breakpoint
CREATE INDEX "stripe_events_waiting_for" ON "stripe_events" USING gin ("waiting_for") WITH (fastupdate=false) WHERE waiting_for is not null;