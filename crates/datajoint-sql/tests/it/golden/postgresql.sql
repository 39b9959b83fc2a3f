CREATE TYPE "ddl_a"."enum_e54fc739" AS ENUM ('M', 'F', 'U')
;
CREATE TABLE IF NOT EXISTS "ddl_a"."subject" (
"subject_id" integer NOT NULL,
"name" varchar(20) NOT NULL DEFAULT '',
"dob" date DEFAULT NULL,
"sex" "ddl_a"."enum_e54fc739" NOT NULL,
"uid" uuid NOT NULL,
"ok" boolean NOT NULL DEFAULT '1',
"w" real DEFAULT NULL,
"price" numeric(6,2) NOT NULL DEFAULT '0.5',
"t0" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
"doc" jsonb DEFAULT NULL,
"raw" bytea DEFAULT NULL,
"bl" bytea DEFAULT NULL,
"ext" jsonb DEFAULT NULL,
"_prov" jsonb DEFAULT NULL,
PRIMARY KEY ("subject_id")
)
;
CREATE UNIQUE INDEX "idx_subject_name_dob" ON "ddl_a"."subject" ("name", "dob")
;
CREATE INDEX "idx_subject_w" ON "ddl_a"."subject" ("w")
;
COMMENT ON TABLE "ddl_a"."subject" IS 'Subjects it''s'
;
COMMENT ON COLUMN "ddl_a"."subject"."subject_id" IS ':int32:the id'
;
COMMENT ON COLUMN "ddl_a"."subject"."name" IS ':varchar(20):nm'
;
COMMENT ON COLUMN "ddl_a"."subject"."sex" IS ':enum(''M'',''F'',''U''):the sex'
;
CREATE TABLE IF NOT EXISTS "ddl_b"."session" (
"subject_id" integer NOT NULL,
"session" smallint NOT NULL,
"method" varchar(10),
"ver" smallint,
"other" integer,
"note" varchar(255) NOT NULL DEFAULT '',
"_prov" jsonb DEFAULT NULL,
PRIMARY KEY ("subject_id", "session"),
FOREIGN KEY ("subject_id") REFERENCES "ddl_a"."subject" ("subject_id") ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY ("method", "ver") REFERENCES "ddl_a"."#method" ("method", "ver") ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY ("other") REFERENCES "ddl_a"."subject" ("subject_id") ON UPDATE CASCADE ON DELETE RESTRICT
)
;
CREATE UNIQUE INDEX "idx_session_other" ON "ddl_b"."session" ("other")
;
CREATE INDEX "idx_session_method_ver" ON "ddl_b"."session" ("method", "ver")
;
COMMENT ON TABLE "ddl_b"."session" IS ''
;
COMMENT ON COLUMN "ddl_b"."session"."session" IS ':int16:'
;
COMMENT ON COLUMN "ddl_b"."session"."note" IS ':varchar(255):'
;
COMMENT ON COLUMN "ddl_b"."session"."_prov" IS ':json:extrinsic provenance for a row that entered from outside'
;
CREATE TABLE IF NOT EXISTS "ddl_b"."~~analysis" (
"subject_id" integer NOT NULL,
"session" smallint NOT NULL,
"method" varchar(10) NOT NULL,
"ver" smallint NOT NULL,
"status" "ddl_b"."enum_609a743e" NOT NULL,
"priority" smallint NOT NULL,
"created_time" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
"scheduled_time" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
"reserved_time" timestamp(3) DEFAULT NULL,
"completed_time" timestamp(3) DEFAULT NULL,
"duration" double precision DEFAULT NULL,
"error_message" varchar(2047) NOT NULL DEFAULT '',
"error_stack" bytea DEFAULT NULL,
"user" varchar(255) NOT NULL DEFAULT '',
"host" varchar(255) NOT NULL DEFAULT '',
"pid" integer NOT NULL DEFAULT '0',
"connection_id" bigint NOT NULL DEFAULT '0',
"version" varchar(64) NOT NULL DEFAULT '',
PRIMARY KEY ("subject_id", "session", "method", "ver")
)
;
CREATE INDEX "idx_~~analysis_status_priority_scheduled_time" ON "ddl_b"."~~analysis" ("status", "priority", "scheduled_time")
;
COMMENT ON TABLE "ddl_b"."~~analysis" IS 'Job queue for "ddl_b"."__analysis"'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."method" IS ':varchar(10):'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."status" IS ':enum(''pending'', ''reserved'', ''success'', ''error'', ''ignore''):'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."priority" IS ':int8:'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."created_time" IS ':datetime(3):'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."scheduled_time" IS ':datetime(3):'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."reserved_time" IS ':datetime(3):'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."completed_time" IS ':datetime(3):'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."duration" IS ':float64:'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."error_message" IS ':varchar(2047):'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."error_stack" IS ':<blob>:'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."user" IS ':varchar(255):'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."host" IS ':varchar(255):'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."pid" IS ':int32:'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."connection_id" IS ':int64:'
;
COMMENT ON COLUMN "ddl_b"."~~analysis"."version" IS ':varchar(64):'
;
CREATE TABLE IF NOT EXISTS "ddl_b"."__analysis" (
"subject_id" integer NOT NULL,
"session" smallint NOT NULL,
"method" varchar(10) NOT NULL,
"ver" smallint NOT NULL,
"res" double precision NOT NULL,
"_job_start_time" timestamp(3) DEFAULT NULL,
"_job_duration" real DEFAULT NULL,
"_job_version" varchar(64) NOT NULL DEFAULT '',
PRIMARY KEY ("subject_id", "session", "method", "ver"),
FOREIGN KEY ("subject_id", "session") REFERENCES "ddl_b"."session" ("subject_id", "session") ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY ("method", "ver") REFERENCES "ddl_a"."#method" ("method", "ver") ON UPDATE CASCADE ON DELETE RESTRICT
)
;
CREATE INDEX "idx___analysis_method_ver" ON "ddl_b"."__analysis" ("method", "ver")
;
COMMENT ON TABLE "ddl_b"."__analysis" IS ''
;
COMMENT ON COLUMN "ddl_b"."__analysis"."res" IS ':float64:'
;
COMMENT ON COLUMN "ddl_b"."__analysis"."_job_start_time" IS ':datetime(3):when computation began'
;
COMMENT ON COLUMN "ddl_b"."__analysis"."_job_duration" IS ':float32:computation duration in seconds'
;
COMMENT ON COLUMN "ddl_b"."__analysis"."_job_version" IS ':varchar(64):code version'
;
CREATE TABLE IF NOT EXISTS "ddl_b"."child" (
"u" uuid NOT NULL,
"e" "ddl_a"."enum_52102d8e" NOT NULL,
"d" timestamp without time zone NOT NULL,
"dd" decimal(5) NOT NULL,
"c" char(3) NOT NULL,
"b" boolean NOT NULL,
"n" smallint NOT NULL,
"f" real NOT NULL,
"x" integer DEFAULT NULL,
"_prov" jsonb DEFAULT NULL,
PRIMARY KEY ("u", "e", "d", "dd", "c", "b", "n", "f"),
FOREIGN KEY ("u", "e", "d", "dd", "c", "b", "n", "f") REFERENCES "ddl_a"."u_u" ("u", "e", "d", "dd", "c", "b", "n", "f") ON UPDATE CASCADE ON DELETE RESTRICT
)
;
COMMENT ON TABLE "ddl_b"."child" IS ''
;
COMMENT ON COLUMN "ddl_b"."child"."x" IS ':int32:'
;
COMMENT ON COLUMN "ddl_b"."child"."_prov" IS ':json:extrinsic provenance for a row that entered from outside'
;
