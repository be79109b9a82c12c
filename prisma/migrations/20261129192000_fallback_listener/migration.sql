-- AlterTable
ALTER TABLE "organisations" ADD COLUMN     "fallback_listener" VARCHAR(128);
