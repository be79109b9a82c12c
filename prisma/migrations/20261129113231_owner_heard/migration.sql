-- AlterTable
ALTER TABLE "lanes" ADD COLUMN     "ceu_sequence" INTEGER NOT NULL DEFAULT 0;

-- What the data model cannot say.

-- What waits may be a message of the user: it was not noted which deliveries are.
UPDATE "lanes" SET "ceu_sequence" = "tail" WHERE "next_at" IS NOT NULL;

-- Control that is held without an open conversation ends by the idle time from now on. A timer that has run out too early is set again.
UPDATE "threads" SET "deadline_at" = "last_activity_at" WHERE "owner" IS NOT NULL AND "deadline_at" IS NULL;
