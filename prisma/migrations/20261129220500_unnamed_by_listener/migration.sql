-- DropIndex
DROP INDEX "attachments_unnamed_sizes";

-- AlterTable
ALTER TABLE "stray_files" ADD COLUMN     "listener" VARCHAR(128);

-- CreateIndex
CREATE INDEX "attachments_unnamed_sizes" ON "attachments"("organisation_id", "listener", "size") WHERE (user_id IS NULL);
