-- AlterTable
ALTER TABLE "lanes" ADD COLUMN     "in_use_since" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "lanes_in_use" ON "lanes"("bucket", "in_use_since") WHERE ((in_use_since IS NOT NULL) AND (next_at IS NULL));

-- What the data model cannot say.

-- What waits is in use; lanes in which nothing waits are left as they are.
UPDATE "lanes" SET "in_use_since" = "next_at" WHERE "next_at" IS NOT NULL;

-- What has something to deliver is found by one of the two indexes: when it is due, or that its lease has lapsed.
ALTER TABLE "lanes" DROP CONSTRAINT "lanes_due_with_deliveries",
    ADD CONSTRAINT "lanes_due_or_in_use" CHECK ("head" = "tail" OR "next_at" IS NOT NULL OR "in_use_since" IS NOT NULL) NOT VALID;

-- All deliveries of a page may get their attempts in one statement: the new versions need as much room as the old ones.
ALTER TABLE "deliveries" SET (fillfactor = 50);
