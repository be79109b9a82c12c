-- CreateEnum
CREATE TYPE "hook_status" AS ENUM ('active', 'disabled');

-- CreateEnum
CREATE TYPE "listener_kind" AS ENUM ('iva', 'sac', 'ect', 'md', 'analytics');

-- CreateEnum
CREATE TYPE "may_pass_to" AS ENUM ('default_or_primary', 'any');

-- CreateEnum
CREATE TYPE "sender" AS ENUM ('ceu', 'iva', 'haptik', 'ect', 'aeu');

-- CreateEnum
CREATE TYPE "on_request_policy" AS ENUM ('ask', 'grant', 'deny');

-- CreateEnum
CREATE TYPE "device_platform" AS ENUM ('Android', 'Facebook', 'WebSDK', 'iOS', 'Webhook', 'WhatsApp');

-- CreateEnum
CREATE TYPE "conversation_state" AS ENUM ('bot', 'incomplete', 'waiting', 'pinned', 'complete');

-- CreateEnum
CREATE TYPE "delivery_end_state" AS ENUM ('undeliverable', 'cancelled');

-- CreateTable
CREATE TABLE "attempts" (
    "bucket" SMALLINT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "delivery_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "duration_ms" INTEGER NOT NULL,
    "status" INTEGER,
    "error" VARCHAR(64),
    "answer" VARCHAR(2048),

    CONSTRAINT "attempts_pkey" PRIMARY KEY ("bucket","organisation_id","delivery_id","number")
);

-- CreateTable
CREATE TABLE "clients" (
    "client_id" VARCHAR(128) NOT NULL,
    "organisation_id" UUID,
    "listener_id" VARCHAR(128),
    "name" VARCHAR(128) NOT NULL,
    "scopes" TEXT[] NOT NULL,
    "jwks" JSONB,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "secret_hash" BYTEA,
    "previous_secret_hash" BYTEA,
    "previous_secret_expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "clients_pkey" PRIMARY KEY ("client_id")
);

-- CreateTable
CREATE TABLE "deliveries" (
    "bucket" SMALLINT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "listener" VARCHAR(128) NOT NULL,
    "user_id" VARCHAR(128) NOT NULL,
    "sequence" INTEGER NOT NULL,
    "previous_id" UUID,
    "category" VARCHAR(64) NOT NULL,
    "subcategory" VARCHAR(64) NOT NULL,
    "replay_of" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "body" TEXT NOT NULL,
    "traceparent" VARCHAR(64),

    CONSTRAINT "deliveries_pkey" PRIMARY KEY ("bucket","organisation_id","listener","user_id","sequence")
);

-- CreateTable
CREATE TABLE "hooks" (
    "organisation_id" UUID NOT NULL,
    "listener_id" VARCHAR(128) NOT NULL,
    "id" UUID NOT NULL,
    "category" VARCHAR(64) NOT NULL,
    "subcategory" VARCHAR(64) NOT NULL,
    "url" VARCHAR(2048) NOT NULL,
    "status" "hook_status" NOT NULL,
    "disabled_reason" VARCHAR(512),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "secret" BYTEA NOT NULL,
    "previous_secret" BYTEA,
    "previous_secret_expires_at" TIMESTAMPTZ(3),
    "failing_since" TIMESTAMPTZ(3),

    CONSTRAINT "hooks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "listeners" (
    "organisation_id" UUID NOT NULL,
    "listener_id" VARCHAR(128) NOT NULL,
    "kind" "listener_kind" NOT NULL,
    "name" VARCHAR(128) NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "standby" BOOLEAN NOT NULL DEFAULT true,
    "is_primary" BOOLEAN NOT NULL,
    "may_take" BOOLEAN NOT NULL DEFAULT false,
    "may_pass_to" "may_pass_to" NOT NULL DEFAULT 'default_or_primary',
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "listeners_pkey" PRIMARY KEY ("organisation_id","listener_id")
);

-- CreateTable
CREATE TABLE "messages" (
    "bucket" SMALLINT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "user_id" VARCHAR(128) NOT NULL,
    "message_id" INTEGER NOT NULL,
    "conversation_number" INTEGER NOT NULL,
    "sender" "sender" NOT NULL,
    "listener" VARCHAR(128) NOT NULL,
    "message_body" JSONB NOT NULL,
    "metadata" JSONB,
    "timestamp" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "messages_pkey" PRIMARY KEY ("bucket","organisation_id","user_id","message_id")
);

-- CreateTable
CREATE TABLE "organisations" (
    "id" UUID NOT NULL,
    "name" VARCHAR(128) NOT NULL,
    "default_listener" VARCHAR(128),
    "on_request" "on_request_policy" NOT NULL DEFAULT 'ask',
    "unreachable_after" INTEGER NOT NULL DEFAULT 60,
    "allocate_within" INTEGER,
    "idle_complete_after" INTEGER NOT NULL DEFAULT 86400,
    "history_messages" INTEGER NOT NULL DEFAULT 20,
    "returned_message" VARCHAR(4096),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "config_version" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "organisations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users" (
    "bucket" SMALLINT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "user_id" VARCHAR(128) NOT NULL,
    "third_party_user_id" VARCHAR(128),
    "user_name" VARCHAR(256),
    "device_platform" "device_platform",
    "details" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "users_pkey" PRIMARY KEY ("bucket","organisation_id","user_id")
);

-- CreateTable
CREATE TABLE "threads" (
    "bucket" SMALLINT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "user_id" VARCHAR(128) NOT NULL,
    "owner" VARCHAR(128),
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "conversation_number" INTEGER NOT NULL DEFAULT 0,
    "conversation_state" "conversation_state" NOT NULL DEFAULT 'complete',
    "pending_request" JSONB,
    "last_message_id" INTEGER NOT NULL DEFAULT 0,
    "last_activity_at" TIMESTAMPTZ(3) NOT NULL,
    "deadline_at" TIMESTAMPTZ(3),
    "memory" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "threads_pkey" PRIMARY KEY ("bucket","organisation_id","user_id")
);

-- CreateTable
CREATE TABLE "events" (
    "bucket" SMALLINT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "user_id" VARCHAR(128) NOT NULL,
    "id" UUID NOT NULL,
    "conversation_number" INTEGER NOT NULL,
    "type" VARCHAR(64) NOT NULL,
    "subtype" VARCHAR(64) NOT NULL,
    "listener" VARCHAR(128),
    "metadata" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "events_pkey" PRIMARY KEY ("bucket","organisation_id","user_id","id")
);

-- CreateTable
CREATE TABLE "lanes" (
    "bucket" SMALLINT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "listener" VARCHAR(128) NOT NULL,
    "user_id" VARCHAR(128) NOT NULL,
    "head" INTEGER NOT NULL DEFAULT 0,
    "tail" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3),
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "attempts_made" INTEGER NOT NULL DEFAULT 0,
    "refusals" INTEGER NOT NULL DEFAULT 0,
    "lease" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "failing_since" TIMESTAMPTZ(3),
    "last_delivery_id" UUID,
    "heard_message_id" INTEGER NOT NULL DEFAULT 0,
    "ect_user_id" VARCHAR(128),

    CONSTRAINT "lanes_pkey" PRIMARY KEY ("bucket","organisation_id","listener","user_id")
);

-- CreateTable
CREATE TABLE "delivery_ends" (
    "bucket" SMALLINT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "delivery_id" UUID NOT NULL,
    "state" "delivery_end_state" NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "delivery_ends_pkey" PRIMARY KEY ("bucket","organisation_id","delivery_id")
);

-- CreateTable
CREATE TABLE "buckets" (
    "id" SMALLINT NOT NULL,
    "owner" UUID,
    "pruned_at" TIMESTAMPTZ(3),

    CONSTRAINT "buckets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dispatchers" (
    "id" UUID NOT NULL,
    "alive_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "dispatchers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "bucket" SMALLINT NOT NULL,
    "client_id" VARCHAR(128) NOT NULL,
    "key" VARCHAR(255) NOT NULL,
    "operation_id" VARCHAR(64) NOT NULL,
    "request_hash" BYTEA NOT NULL,
    "status" INTEGER,
    "answer" TEXT,
    "organisation_id" UUID,
    "user_id" VARCHAR(128),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("bucket","client_id","key")
);

-- CreateTable
CREATE TABLE "signing_keys" (
    "kid" VARCHAR(64) NOT NULL,
    "algorithm" VARCHAR(16) NOT NULL,
    "public_jwk" JSONB NOT NULL,
    "private_key" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "activates_at" TIMESTAMPTZ(3) NOT NULL,
    "retires_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("kid")
);

-- CreateTable
CREATE TABLE "revoked_tokens" (
    "jti" VARCHAR(64) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "revoked_tokens_pkey" PRIMARY KEY ("jti")
);

-- CreateTable
CREATE TABLE "used_assertions" (
    "client_id" VARCHAR(128) NOT NULL,
    "jti" VARCHAR(256) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "used_assertions_pkey" PRIMARY KEY ("client_id","jti")
);

-- CreateTable
CREATE TABLE "instance" (
    "id" SMALLINT NOT NULL,
    "key_check" VARCHAR(64) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "instance_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "clients_organisation_id_idx" ON "clients"("organisation_id");

-- CreateIndex
CREATE UNIQUE INDEX "deliveries_bucket_organisation_id_id_key" ON "deliveries"("bucket", "organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "hooks_organisation_id_listener_id_category_subcategory_key" ON "hooks"("organisation_id", "listener_id", "category", "subcategory");

-- CreateIndex
CREATE INDEX "threads_bucket_deadline_at_idx" ON "threads"("bucket", "deadline_at");

-- CreateIndex
CREATE INDEX "lanes_due" ON "lanes"("bucket", "next_at") WHERE (next_at IS NOT NULL);

-- CreateIndex
CREATE INDEX "idempotency_keys_bucket_created_at_idx" ON "idempotency_keys"("bucket", "created_at");

-- CreateIndex
CREATE INDEX "revoked_tokens_expires_at_idx" ON "revoked_tokens"("expires_at");

-- CreateIndex
CREATE INDEX "used_assertions_expires_at_idx" ON "used_assertions"("expires_at");

-- AddForeignKey
ALTER TABLE "clients" ADD CONSTRAINT "clients_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "hooks" ADD CONSTRAINT "hooks_organisation_id_listener_id_fkey" FOREIGN KEY ("organisation_id", "listener_id") REFERENCES "listeners"("organisation_id", "listener_id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "listeners" ADD CONSTRAINT "listeners_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- What the data model cannot say.

-- A lane's row is rewritten at every enqueue, claim and result: room for new versions on its own page, and a vacuum that
-- keeps up, or the index of due lanes fills with dead entries.
ALTER TABLE "lanes" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

ALTER TABLE "lanes" ADD CONSTRAINT "lanes_head_before_tail" CHECK ("head" <= "tail");

-- What has something to deliver is found by the index of due lanes.
ALTER TABLE "lanes" ADD CONSTRAINT "lanes_due_with_deliveries" CHECK ("head" = "tail" OR "next_at" IS NOT NULL);

ALTER TABLE "instance" ADD CONSTRAINT "instance_single_row" CHECK ("id" = 1);

-- As many as bucketOf gives numbers to.
INSERT INTO "buckets" ("id") SELECT generate_series(0, 255);

-- Deliveries as the wire tells of them. That one was delivered is written nowhere: its lane's head has passed it, and nothing else is on record.
CREATE VIEW "wire_deliveries" AS
SELECT d.bucket, d.organisation_id, d.id, d.listener, d.user_id, d.sequence, d.previous_id, d.category, d.subcategory,
    CASE WHEN d.sequence > l.head THEN 'pending' ELSE coalesce(e.state::text, 'delivered') END AS state,
    (SELECT count(*)::int FROM attempts a
        WHERE a.bucket = d.bucket AND a.organisation_id = d.organisation_id AND a.delivery_id = d.id) AS attempts,
    d.replay_of, d.created_at,
    CASE WHEN d.sequence > l.head THEN NULL ELSE coalesce(e.ended_at, (
        SELECT a.started_at + a.duration_ms * interval '1 millisecond' FROM attempts a
        WHERE a.bucket = d.bucket AND a.organisation_id = d.organisation_id AND a.delivery_id = d.id
        ORDER BY a.number DESC LIMIT 1
    )) END AS ended_at
FROM deliveries d
JOIN lanes l ON l.bucket = d.bucket AND l.organisation_id = d.organisation_id AND l.listener = d.listener AND l.user_id = d.user_id
LEFT JOIN delivery_ends e ON e.bucket = d.bucket AND e.organisation_id = d.organisation_id AND e.delivery_id = d.id;
