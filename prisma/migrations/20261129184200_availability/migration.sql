-- CreateEnum
CREATE TYPE "availability_status" AS ENUM ('open', 'busy', 'closed');

-- AlterTable
ALTER TABLE "listeners" ADD COLUMN     "hours" JSONB;

-- CreateTable
CREATE TABLE "availability" (
    "organisation_id" UUID NOT NULL,
    "listener_id" VARCHAR(128) NOT NULL,
    "team" VARCHAR(128) NOT NULL,
    "status" "availability_status" NOT NULL,
    "capacity" INTEGER,
    "waiting" INTEGER,
    "estimated_wait_seconds" INTEGER,
    "reopens_at" TIMESTAMPTZ(3),
    "valid_until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "availability_pkey" PRIMARY KEY ("organisation_id","listener_id","team")
);
