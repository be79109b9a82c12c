-- AlterTable
ALTER TABLE "buckets" ADD COLUMN     "served_until" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "dispatchers" ADD COLUMN     "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- AlterTable
ALTER TABLE "hooks" ADD COLUMN     "failing_seconds" INTEGER NOT NULL DEFAULT 0;

-- CreateIndex
CREATE INDEX "lanes_failing" ON "lanes"("bucket") WHERE (failing_since IS NOT NULL);
