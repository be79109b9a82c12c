-- CreateTable
CREATE TABLE "erased_users" (
    "bucket" SMALLINT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "mark" BYTEA NOT NULL,
    "conversation_number" INTEGER NOT NULL,
    "offer_number" INTEGER NOT NULL,
    "last_message_id" INTEGER NOT NULL,
    "erased_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "erased_users_pkey" PRIMARY KEY ("bucket","organisation_id","mark")
);

-- CreateIndex
CREATE INDEX "erased_users_bucket_erased_at_idx" ON "erased_users"("bucket", "erased_at");
