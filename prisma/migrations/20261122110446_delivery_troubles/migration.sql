-- CreateTable
CREATE TABLE "open_breakers" (
    "organisation_id" UUID NOT NULL,
    "listener_id" VARCHAR(128) NOT NULL,
    "origin" VARCHAR(255) NOT NULL,
    "process" UUID NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "open_breakers_pkey" PRIMARY KEY ("organisation_id","listener_id","origin","process")
);

-- CreateTable
CREATE TABLE "delivery_faults" (
    "bucket" SMALLINT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "delivery_id" UUID NOT NULL,
    "fault" VARCHAR(32) NOT NULL,
    "listener" VARCHAR(128) NOT NULL,
    "error" VARCHAR(64) NOT NULL,
    "count" INTEGER NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "delivery_faults_pkey" PRIMARY KEY ("bucket","organisation_id","delivery_id","fault")
);
