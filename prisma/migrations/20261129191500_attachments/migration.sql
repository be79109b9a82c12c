-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "attachments" JSONB;

-- CreateTable
CREATE TABLE "attachments" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "listener" VARCHAR(128) NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "content_type" VARCHAR(128) NOT NULL,
    "size" INTEGER NOT NULL,
    "sha256" CHAR(64) NOT NULL,
    "width" INTEGER,
    "height" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "user_id" VARCHAR(128),
    "message_id" INTEGER,

    CONSTRAINT "attachments_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "stray_files" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "stray_files_pkey" PRIMARY KEY ("organisation_id","id")
);

-- CreateTable
CREATE TABLE "attachment_links" (
    "hash" BYTEA NOT NULL,
    "id" UUID NOT NULL,
    "organisation_id" UUID NOT NULL,
    "attachment_id" UUID NOT NULL,
    "listener" VARCHAR(128) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "attachment_links_pkey" PRIMARY KEY ("hash")
);

-- CreateIndex
CREATE INDEX "attachments_of_users" ON "attachments"("organisation_id", "user_id", "message_id") WHERE (user_id IS NOT NULL);

-- CreateIndex
CREATE INDEX "attachments_unnamed" ON "attachments"("created_at") WHERE (user_id IS NULL);

-- CreateIndex
CREATE INDEX "stray_files_due_at_idx" ON "stray_files"("due_at");

-- CreateIndex
CREATE INDEX "attachment_links_organisation_id_attachment_id_idx" ON "attachment_links"("organisation_id", "attachment_id");

-- CreateIndex
CREATE INDEX "attachment_links_expires_at_idx" ON "attachment_links"("expires_at");

-- AddForeignKey
ALTER TABLE "attachment_links" ADD CONSTRAINT "attachment_links_organisation_id_attachment_id_fkey" FOREIGN KEY ("organisation_id", "attachment_id") REFERENCES "attachments"("organisation_id", "id") ON DELETE CASCADE ON UPDATE RESTRICT;
