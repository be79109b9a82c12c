-- AlterTable
ALTER TABLE "hooks" ADD COLUMN     "former_disabled_reason" VARCHAR(512),
ADD COLUMN     "former_status" "hook_status",
ADD COLUMN     "former_url" VARCHAR(2048);

-- CreateIndex
CREATE INDEX "hooks_at_stream" ON "hooks"("organisation_id", "listener_id") WHERE (former_url IS NOT NULL);
