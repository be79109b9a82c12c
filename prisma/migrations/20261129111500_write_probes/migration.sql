-- CreateTable
CREATE TABLE "write_probes" (
    "id" SMALLINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "write_probes_pkey" PRIMARY KEY ("id")
);
