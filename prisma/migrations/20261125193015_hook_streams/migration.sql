-- CreateTable
CREATE TABLE "hook_streams" (
    "organisation_id" UUID NOT NULL,
    "listener_id" VARCHAR(128) NOT NULL,
    "stream_id" UUID NOT NULL,
    "alive_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "hook_streams_pkey" PRIMARY KEY ("organisation_id","listener_id")
);

-- CreateTable
CREATE TABLE "stream_attempts" (
    "organisation_id" UUID NOT NULL,
    "listener_id" VARCHAR(128) NOT NULL,
    "id" UUID NOT NULL,
    "category" VARCHAR(64) NOT NULL,
    "subcategory" VARCHAR(64) NOT NULL,
    "headers" JSONB NOT NULL,
    "body" TEXT NOT NULL,
    "answer" JSONB,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "stream_attempts_pkey" PRIMARY KEY ("organisation_id","listener_id","id")
);
