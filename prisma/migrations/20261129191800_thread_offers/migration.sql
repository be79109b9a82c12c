-- AlterTable
ALTER TABLE "organisations" ADD COLUMN     "offer_within" INTEGER NOT NULL DEFAULT 60;

-- AlterTable
ALTER TABLE "threads" ADD COLUMN     "offer" JSONB,
ADD COLUMN     "offer_number" INTEGER NOT NULL DEFAULT 0;
