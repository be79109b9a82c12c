-- AlterTable
ALTER TABLE "threads" ADD COLUMN     "active_in" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "search_name" TEXT COLLATE "C";

-- CreateTable
CREATE TABLE "message_words" (
    "bucket" SMALLINT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "user_id" VARCHAR(128) NOT NULL,
    "message_id" INTEGER NOT NULL,
    "words" tsvector NOT NULL,

    CONSTRAINT "message_words_pkey" PRIMARY KEY ("bucket","organisation_id","user_id","message_id")
);

-- CreateIndex
CREATE INDEX "message_words_words_idx" ON "message_words" USING GIN ("words");

-- CreateIndex
CREATE INDEX "threads_active" ON "threads"("organisation_id", "active_in") WHERE (active_in IS NOT NULL);

-- CreateIndex
CREATE INDEX "users_by_name" ON "users"("organisation_id", "search_name") WHERE (search_name IS NOT NULL);

-- What the data model cannot say: the collation above, by which what begins with a text is found by the index, whatever the database's own is.
-- Threads and users from before get both columns by the upkeep, in small steps; until then nothing is in the new indexes.
