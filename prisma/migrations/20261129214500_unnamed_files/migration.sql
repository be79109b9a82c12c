-- AlterTable
ALTER TABLE "stray_files" ADD COLUMN     "size" INTEGER NOT NULL DEFAULT 0;

-- CreateIndex
CREATE INDEX "attachments_unnamed_sizes" ON "attachments"("organisation_id", "size") WHERE (user_id IS NULL);
