-- CreateEnum
CREATE TYPE "create_user_policy" AS ENUM ('once', 'per_conversation');

-- AlterTable
ALTER TABLE "listeners" ADD COLUMN     "create_user" "create_user_policy" NOT NULL DEFAULT 'once';

-- AlterTable
ALTER TABLE "lanes" ADD COLUMN     "ect_from" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "former_ect_user_ids" JSONB,
ADD COLUMN     "introduced_in" INTEGER NOT NULL DEFAULT 0;

-- What the data model cannot say.

-- Lanes that were there count as introduced: it was not noted which were sent create_user.
ALTER TABLE "lanes" ALTER COLUMN "introduced_in" SET DEFAULT -1;
