-- The database of the release 1.0.0-alpha.1, as pg_dump says it: after `npm run demo`, and with what then waited for a hook that nobody
-- answered (asha's messages 1 and 2, and the control of her thread, for the desk). Its sealed secrets open with the key in released.ts.

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE TYPE public.conversation_state AS ENUM (
    'bot',
    'incomplete',
    'waiting',
    'pinned',
    'complete'
);

CREATE TYPE public.delivery_end_state AS ENUM (
    'undeliverable',
    'cancelled'
);

CREATE TYPE public.device_platform AS ENUM (
    'Android',
    'Facebook',
    'WebSDK',
    'iOS',
    'Webhook',
    'WhatsApp'
);

CREATE TYPE public.hook_status AS ENUM (
    'active',
    'disabled'
);

CREATE TYPE public.listener_kind AS ENUM (
    'iva',
    'sac',
    'ect',
    'md',
    'analytics'
);

CREATE TYPE public.may_pass_to AS ENUM (
    'default_or_primary',
    'any'
);

CREATE TYPE public.on_request_policy AS ENUM (
    'ask',
    'grant',
    'deny'
);

CREATE TYPE public.sender AS ENUM (
    'ceu',
    'iva',
    'haptik',
    'ect',
    'aeu'
);

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public._prisma_migrations (
    id character varying(36) NOT NULL,
    checksum character varying(64) NOT NULL,
    finished_at timestamp with time zone,
    migration_name character varying(255) NOT NULL,
    logs text,
    rolled_back_at timestamp with time zone,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    applied_steps_count integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.attempts (
    bucket smallint NOT NULL,
    organisation_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    number integer NOT NULL,
    started_at timestamp(3) with time zone NOT NULL,
    duration_ms integer NOT NULL,
    status integer,
    error character varying(64),
    answer character varying(2048)
);

CREATE TABLE public.buckets (
    id smallint NOT NULL,
    owner uuid,
    pruned_at timestamp(3) with time zone
);

CREATE TABLE public.clients (
    client_id character varying(128) NOT NULL,
    organisation_id uuid,
    listener_id character varying(128),
    name character varying(128) NOT NULL,
    scopes text[] NOT NULL,
    jwks jsonb,
    enabled boolean DEFAULT true NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    secret_hash bytea,
    previous_secret_hash bytea,
    previous_secret_expires_at timestamp(3) with time zone
);

CREATE TABLE public.deliveries (
    bucket smallint NOT NULL,
    organisation_id uuid NOT NULL,
    id uuid NOT NULL,
    listener character varying(128) NOT NULL,
    user_id character varying(128) NOT NULL,
    sequence integer NOT NULL,
    previous_id uuid,
    category character varying(64) NOT NULL,
    subcategory character varying(64) NOT NULL,
    replay_of uuid,
    created_at timestamp(3) with time zone NOT NULL,
    body text NOT NULL,
    traceparent character varying(64)
);

CREATE TABLE public.delivery_ends (
    bucket smallint NOT NULL,
    organisation_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    state public.delivery_end_state NOT NULL,
    ended_at timestamp(3) with time zone NOT NULL
);

CREATE TABLE public.delivery_faults (
    bucket smallint NOT NULL,
    organisation_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    fault character varying(32) NOT NULL,
    listener character varying(128) NOT NULL,
    error character varying(64) NOT NULL,
    count integer NOT NULL,
    first_at timestamp(3) with time zone NOT NULL,
    last_at timestamp(3) with time zone NOT NULL
);

CREATE TABLE public.dispatchers (
    id uuid NOT NULL,
    alive_until timestamp(3) with time zone NOT NULL
);

CREATE TABLE public.events (
    bucket smallint NOT NULL,
    organisation_id uuid NOT NULL,
    user_id character varying(128) NOT NULL,
    id uuid NOT NULL,
    conversation_number integer NOT NULL,
    type character varying(64) NOT NULL,
    subtype character varying(64) NOT NULL,
    listener character varying(128),
    metadata text,
    created_at timestamp(3) with time zone NOT NULL
);

CREATE TABLE public.hooks (
    organisation_id uuid NOT NULL,
    listener_id character varying(128) NOT NULL,
    id uuid NOT NULL,
    category character varying(64) NOT NULL,
    subcategory character varying(64) NOT NULL,
    url character varying(2048) NOT NULL,
    status public.hook_status NOT NULL,
    disabled_reason character varying(512),
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    secret bytea NOT NULL,
    previous_secret bytea,
    previous_secret_expires_at timestamp(3) with time zone,
    failing_since timestamp(3) with time zone
);

CREATE TABLE public.idempotency_keys (
    bucket smallint NOT NULL,
    client_id character varying(128) NOT NULL,
    key character varying(255) NOT NULL,
    operation_id character varying(64) NOT NULL,
    request_hash bytea NOT NULL,
    status integer,
    answer text,
    organisation_id uuid,
    user_id character varying(128),
    created_at timestamp(3) with time zone NOT NULL
);

CREATE TABLE public.instance (
    id smallint NOT NULL,
    key_check character varying(64) NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT instance_single_row CHECK ((id = 1))
);

CREATE TABLE public.lanes (
    bucket smallint NOT NULL,
    organisation_id uuid NOT NULL,
    listener character varying(128) NOT NULL,
    user_id character varying(128) NOT NULL,
    head integer DEFAULT 0 NOT NULL,
    tail integer DEFAULT 0 NOT NULL,
    next_at timestamp(3) with time zone,
    attempt integer DEFAULT 0 NOT NULL,
    attempts_made integer DEFAULT 0 NOT NULL,
    refusals integer DEFAULT 0 NOT NULL,
    lease uuid,
    lease_until timestamp(3) with time zone,
    failing_since timestamp(3) with time zone,
    last_delivery_id uuid,
    heard_message_id integer DEFAULT 0 NOT NULL,
    ect_user_id character varying(128),
    CONSTRAINT lanes_due_with_deliveries CHECK (((head = tail) OR (next_at IS NOT NULL))),
    CONSTRAINT lanes_head_before_tail CHECK ((head <= tail))
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0');

CREATE TABLE public.listeners (
    organisation_id uuid NOT NULL,
    listener_id character varying(128) NOT NULL,
    kind public.listener_kind NOT NULL,
    name character varying(128) NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    standby boolean DEFAULT true NOT NULL,
    is_primary boolean NOT NULL,
    may_take boolean DEFAULT false NOT NULL,
    may_pass_to public.may_pass_to DEFAULT 'default_or_primary'::public.may_pass_to NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL
);

CREATE TABLE public.messages (
    bucket smallint NOT NULL,
    organisation_id uuid NOT NULL,
    user_id character varying(128) NOT NULL,
    message_id integer NOT NULL,
    conversation_number integer NOT NULL,
    sender public.sender NOT NULL,
    listener character varying(128) NOT NULL,
    message_body jsonb NOT NULL,
    metadata jsonb,
    "timestamp" timestamp(3) with time zone NOT NULL
);

CREATE TABLE public.open_breakers (
    organisation_id uuid NOT NULL,
    listener_id character varying(128) NOT NULL,
    origin character varying(255) NOT NULL,
    process uuid NOT NULL,
    opened_at timestamp(3) with time zone NOT NULL,
    confirmed_at timestamp(3) with time zone NOT NULL
);

CREATE TABLE public.organisations (
    id uuid NOT NULL,
    name character varying(128) NOT NULL,
    default_listener character varying(128),
    on_request public.on_request_policy DEFAULT 'ask'::public.on_request_policy NOT NULL,
    unreachable_after integer DEFAULT 60 NOT NULL,
    allocate_within integer,
    idle_complete_after integer DEFAULT 86400 NOT NULL,
    history_messages integer DEFAULT 20 NOT NULL,
    returned_message character varying(4096),
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    config_version integer DEFAULT 1 NOT NULL
);

CREATE TABLE public.revoked_tokens (
    jti character varying(64) NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL
);

CREATE TABLE public.signing_keys (
    kid character varying(64) NOT NULL,
    algorithm character varying(16) NOT NULL,
    public_jwk jsonb NOT NULL,
    private_key bytea NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    activates_at timestamp(3) with time zone NOT NULL,
    retires_at timestamp(3) with time zone
);

CREATE TABLE public.threads (
    bucket smallint NOT NULL,
    organisation_id uuid NOT NULL,
    user_id character varying(128) NOT NULL,
    owner character varying(128),
    epoch integer DEFAULT 0 NOT NULL,
    conversation_number integer DEFAULT 0 NOT NULL,
    conversation_state public.conversation_state DEFAULT 'complete'::public.conversation_state NOT NULL,
    pending_request jsonb,
    last_message_id integer DEFAULT 0 NOT NULL,
    last_activity_at timestamp(3) with time zone NOT NULL,
    deadline_at timestamp(3) with time zone,
    memory jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE public.used_assertions (
    client_id character varying(128) NOT NULL,
    jti character varying(256) NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL
);

CREATE TABLE public.users (
    bucket smallint NOT NULL,
    organisation_id uuid NOT NULL,
    user_id character varying(128) NOT NULL,
    third_party_user_id character varying(128),
    user_name character varying(256),
    device_platform public.device_platform,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL
);

CREATE VIEW public.wire_deliveries AS
 SELECT d.bucket,
    d.organisation_id,
    d.id,
    d.listener,
    d.user_id,
    d.sequence,
    d.previous_id,
    d.category,
    d.subcategory,
        CASE
            WHEN (d.sequence > l.head) THEN 'pending'::text
            ELSE COALESCE((e.state)::text, 'delivered'::text)
        END AS state,
    ( SELECT (count(*))::integer AS count
           FROM public.attempts a
          WHERE ((a.bucket = d.bucket) AND (a.organisation_id = d.organisation_id) AND (a.delivery_id = d.id))) AS attempts,
    d.replay_of,
    d.created_at,
        CASE
            WHEN (d.sequence > l.head) THEN NULL::timestamp with time zone
            ELSE COALESCE(e.ended_at, ( SELECT (a.started_at + ((a.duration_ms)::double precision * '00:00:00.001'::interval))
               FROM public.attempts a
              WHERE ((a.bucket = d.bucket) AND (a.organisation_id = d.organisation_id) AND (a.delivery_id = d.id))
              ORDER BY a.number DESC
             LIMIT 1))
        END AS ended_at
   FROM ((public.deliveries d
     JOIN public.lanes l ON (((l.bucket = d.bucket) AND (l.organisation_id = d.organisation_id) AND ((l.listener)::text = (d.listener)::text) AND ((l.user_id)::text = (d.user_id)::text))))
     LEFT JOIN public.delivery_ends e ON (((e.bucket = d.bucket) AND (e.organisation_id = d.organisation_id) AND (e.delivery_id = d.id))));

INSERT INTO public._prisma_migrations VALUES
	('2f70776a-2d41-47a9-ba14-3bc31d6a77bd', '0d1cbbe1da26612c896c844cb02f0eff2e485f6f230dcf397a870ce247006d30', '2026-11-30 01:18:04.020072+00', '20261122000000_init', NULL, NULL, '2026-11-30 01:18:03.782+00', 1),
	('978639d2-b619-45d1-b1c2-e48f27e95e8c', '366a24e7161df120487cf6eb337f509a4e30410acf88988ea276dff3a9b18b61', '2026-11-30 01:18:04.030904+00', '20261122110446_delivery_troubles', NULL, NULL, '2026-11-30 01:18:04.024+00', 1);

INSERT INTO public.attempts VALUES
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f74f-73f9-9d7a-282a6295f684', 1, '2026-11-30 01:18:14.919+00', 56, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f750-76d9-bc1c-6a609650329c', 1, '2026-11-30 01:18:14.996+00', 104, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f819-7383-8b1b-15972e9059e9', 1, '2026-11-30 01:18:15.106+00', 62, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f8f3-772a-9248-e773abe00b73', 1, '2026-11-30 01:18:15.306+00', 65, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f89e-74b4-807d-06c8295cc951', 1, '2026-11-30 01:18:15.215+00', 245, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f969-763b-86df-a6a972fcef85', 1, '2026-11-30 01:18:15.492+00', 12, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f969-763b-86df-9863c5c36acf', 1, '2026-11-30 01:18:15.47+00', 42, 200, NULL, '{"success":true,"ect_user_id":"case-demo-b15d1438"}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f969-763b-86df-9c4fa3b1b1d2', 1, '2026-11-30 01:18:15.521+00', 7, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f969-763b-86df-a10e22907e8c', 1, '2026-11-30 01:18:15.538+00', 10, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f976-734e-b8ea-66ee3a19b7f9', 1, '2026-11-30 01:18:15.576+00', 17, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f976-734e-b8ea-69abfa292f21', 1, '2026-11-30 01:18:15.593+00', 12, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f976-734e-b8ea-6e5ee9c744c0', 1, '2026-11-30 01:18:15.606+00', 7, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f976-734e-b8ea-7211891115b1', 1, '2026-11-30 01:18:15.614+00', 14, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-fa8d-732b-ab31-ed85ffbd722f', 1, '2026-11-30 01:18:15.725+00', 8, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-fad8-718e-9a4b-56e66c807d8b', 1, '2026-11-30 01:18:15.777+00', 8, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-fad9-71f8-8d95-f350377e409a', 1, '2026-11-30 01:18:15.778+00', 7, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-faf6-722d-85d7-1e044494ed39', 1, '2026-11-30 01:18:15.812+00', 7, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-faf6-722d-85d7-213e6539ffa0', 1, '2026-11-30 01:18:15.813+00', 14, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-fb21-750f-b547-cb2fe5fe9956', 1, '2026-11-30 01:18:15.865+00', 3, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-fb51-7319-8238-92a8298ccb2a', 1, '2026-11-30 01:18:15.92+00', 8, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-fb51-7319-8238-965a81d9f5c1', 1, '2026-11-30 01:18:15.927+00', 61, 200, NULL, '{"success":true}'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-fb98-71ee-9e20-754d09e329c7', 1, '2026-11-30 01:18:15.984+00', 22, 200, NULL, '{"success":true}'),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a08-2a94-706b-bc84-4131f4aff852', 1, '2026-11-30 01:18:28.007+00', 7, NULL, 'connection_refused', NULL),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a08-2a94-706b-bc84-4131f4aff852', 2, '2026-11-30 01:18:28.49+00', 2, NULL, 'connection_refused', NULL),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a08-2a94-706b-bc84-4131f4aff852', 3, '2026-11-30 01:18:29.523+00', 5, NULL, 'connection_refused', NULL),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a08-2a94-706b-bc84-4131f4aff852', 4, '2026-11-30 01:18:31.432+00', 2, NULL, 'connection_refused', NULL),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a08-2a94-706b-bc84-4131f4aff852', 5, '2026-11-30 01:18:37.241+00', 1, NULL, 'connection_refused', NULL);

INSERT INTO public.buckets VALUES
	(184, NULL, NULL),
	(116, NULL, NULL),
	(87, NULL, NULL),
	(51, NULL, NULL),
	(70, NULL, NULL),
	(190, NULL, NULL),
	(176, NULL, NULL),
	(169, NULL, NULL),
	(92, NULL, NULL),
	(180, NULL, NULL),
	(236, NULL, NULL),
	(22, NULL, NULL),
	(156, NULL, NULL),
	(197, NULL, NULL),
	(135, NULL, NULL),
	(227, NULL, NULL),
	(173, NULL, NULL),
	(149, NULL, NULL),
	(73, NULL, NULL),
	(103, NULL, NULL),
	(42, NULL, NULL),
	(189, NULL, NULL),
	(239, NULL, NULL),
	(161, NULL, NULL),
	(121, NULL, NULL),
	(117, NULL, NULL),
	(88, NULL, NULL),
	(188, NULL, NULL),
	(125, NULL, NULL),
	(113, NULL, NULL),
	(40, NULL, NULL),
	(240, NULL, NULL),
	(43, NULL, NULL),
	(196, NULL, NULL),
	(120, NULL, NULL),
	(15, NULL, NULL),
	(226, NULL, NULL),
	(210, NULL, NULL),
	(48, NULL, NULL),
	(187, NULL, NULL),
	(57, NULL, NULL),
	(81, NULL, NULL),
	(61, NULL, NULL),
	(19, NULL, NULL),
	(244, NULL, NULL),
	(160, NULL, NULL),
	(242, NULL, NULL),
	(251, NULL, NULL),
	(204, NULL, NULL),
	(104, NULL, NULL);
INSERT INTO public.buckets VALUES
	(5, NULL, NULL),
	(171, NULL, NULL),
	(91, NULL, NULL),
	(179, NULL, NULL),
	(54, NULL, NULL),
	(29, NULL, NULL),
	(4, NULL, NULL),
	(181, NULL, NULL),
	(96, NULL, NULL),
	(201, NULL, NULL),
	(10, NULL, NULL),
	(105, NULL, NULL),
	(35, NULL, NULL),
	(107, NULL, NULL),
	(6, NULL, NULL),
	(233, NULL, NULL),
	(220, NULL, NULL),
	(86, NULL, NULL),
	(93, NULL, NULL),
	(89, NULL, NULL),
	(219, NULL, NULL),
	(252, NULL, NULL),
	(241, NULL, NULL),
	(175, NULL, NULL),
	(31, NULL, NULL),
	(50, NULL, NULL),
	(253, NULL, NULL),
	(14, NULL, NULL),
	(231, NULL, NULL),
	(66, NULL, NULL),
	(109, NULL, NULL),
	(155, NULL, NULL),
	(13, NULL, NULL),
	(133, NULL, NULL),
	(195, NULL, NULL),
	(2, NULL, NULL),
	(199, NULL, NULL),
	(246, NULL, NULL),
	(75, NULL, NULL),
	(128, NULL, NULL),
	(243, NULL, NULL),
	(166, NULL, NULL),
	(142, NULL, NULL),
	(152, NULL, NULL),
	(230, NULL, NULL),
	(7, NULL, NULL),
	(222, NULL, NULL),
	(38, NULL, NULL),
	(193, NULL, NULL),
	(254, NULL, NULL);
INSERT INTO public.buckets VALUES
	(164, NULL, NULL),
	(78, NULL, NULL),
	(217, NULL, NULL),
	(159, NULL, NULL),
	(250, NULL, NULL),
	(186, NULL, NULL),
	(47, NULL, NULL),
	(177, NULL, NULL),
	(20, NULL, NULL),
	(182, NULL, NULL),
	(1, NULL, NULL),
	(76, NULL, NULL),
	(106, NULL, NULL),
	(18, NULL, NULL),
	(110, NULL, NULL),
	(178, NULL, NULL),
	(145, NULL, NULL),
	(129, NULL, NULL),
	(27, NULL, NULL),
	(143, NULL, NULL),
	(203, NULL, NULL),
	(58, NULL, NULL),
	(228, NULL, NULL),
	(8, NULL, NULL),
	(71, NULL, NULL),
	(229, NULL, NULL),
	(68, NULL, NULL),
	(146, NULL, NULL),
	(80, NULL, NULL),
	(52, NULL, NULL),
	(162, NULL, NULL),
	(132, NULL, NULL),
	(84, NULL, NULL),
	(170, NULL, NULL),
	(192, NULL, NULL),
	(237, NULL, NULL),
	(101, NULL, NULL),
	(69, NULL, NULL),
	(115, NULL, NULL),
	(114, NULL, NULL),
	(60, NULL, NULL),
	(97, NULL, NULL),
	(238, NULL, NULL),
	(112, NULL, NULL),
	(108, NULL, NULL),
	(59, NULL, NULL),
	(65, NULL, NULL),
	(127, NULL, NULL),
	(124, NULL, NULL),
	(98, NULL, NULL);
INSERT INTO public.buckets VALUES
	(200, NULL, NULL),
	(44, NULL, NULL),
	(11, NULL, NULL),
	(235, NULL, NULL),
	(82, NULL, NULL),
	(119, NULL, NULL),
	(153, NULL, NULL),
	(147, NULL, NULL),
	(214, NULL, NULL),
	(202, NULL, NULL),
	(9, NULL, NULL),
	(79, NULL, NULL),
	(26, NULL, NULL),
	(85, NULL, NULL),
	(72, NULL, NULL),
	(95, NULL, NULL),
	(232, NULL, NULL),
	(77, NULL, NULL),
	(172, NULL, NULL),
	(30, NULL, NULL),
	(21, NULL, NULL),
	(131, NULL, NULL),
	(3, NULL, NULL),
	(198, NULL, NULL),
	(17, NULL, NULL),
	(212, NULL, NULL),
	(37, NULL, NULL),
	(28, NULL, NULL),
	(249, NULL, NULL),
	(255, NULL, NULL),
	(165, NULL, NULL),
	(56, NULL, NULL),
	(151, NULL, NULL),
	(209, NULL, NULL),
	(74, NULL, NULL),
	(225, NULL, NULL),
	(138, NULL, NULL),
	(34, NULL, NULL),
	(0, NULL, NULL),
	(245, NULL, NULL),
	(205, NULL, NULL),
	(83, NULL, NULL),
	(67, NULL, NULL),
	(63, NULL, NULL),
	(90, NULL, NULL),
	(216, NULL, NULL),
	(174, NULL, NULL),
	(45, NULL, NULL),
	(213, NULL, NULL),
	(134, NULL, NULL);
INSERT INTO public.buckets VALUES
	(144, NULL, NULL),
	(39, NULL, NULL),
	(168, NULL, NULL),
	(163, NULL, NULL),
	(223, NULL, NULL),
	(36, NULL, NULL),
	(221, NULL, NULL),
	(102, NULL, NULL),
	(167, NULL, NULL),
	(158, NULL, NULL),
	(118, NULL, NULL),
	(111, NULL, NULL),
	(16, NULL, NULL),
	(207, NULL, NULL),
	(62, NULL, NULL),
	(123, NULL, NULL),
	(126, NULL, NULL),
	(194, NULL, NULL),
	(99, NULL, NULL),
	(41, NULL, NULL),
	(206, NULL, NULL),
	(46, NULL, NULL),
	(224, NULL, NULL),
	(157, NULL, NULL),
	(53, NULL, NULL),
	(32, NULL, NULL),
	(247, NULL, NULL),
	(183, NULL, NULL),
	(100, NULL, NULL),
	(136, NULL, NULL),
	(150, NULL, NULL),
	(140, NULL, NULL),
	(139, NULL, NULL),
	(12, NULL, NULL),
	(248, NULL, NULL),
	(137, NULL, NULL),
	(208, NULL, NULL),
	(24, NULL, NULL),
	(191, NULL, NULL),
	(25, NULL, NULL),
	(141, NULL, NULL),
	(122, NULL, NULL),
	(94, NULL, NULL),
	(218, NULL, NULL),
	(154, NULL, NULL),
	(234, NULL, NULL),
	(49, NULL, NULL),
	(211, NULL, NULL),
	(33, NULL, NULL),
	(185, NULL, NULL);
INSERT INTO public.buckets VALUES
	(64, NULL, NULL),
	(215, NULL, NULL),
	(55, NULL, NULL),
	(148, NULL, NULL),
	(130, NULL, NULL),
	(23, NULL, NULL);

INSERT INTO public.clients VALUES
	('01a22a07-da07-748a-adfb-ebe194cf7994', NULL, NULL, 'Operator', '{platform:admin}', NULL, true, '2026-11-30 01:18:07.367+00', '2026-11-30 01:18:07.367+00', '\x1917afaba39cf69af1de0dd50ab8a33683d2fb39c21300fe17226833f43db981', NULL, NULL),
	('01a22a07-dac9-7131-a6b9-22c9767223d9', '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'iva', 'Virtual assistant', '{hooks,users:read,messages:write,events:write,threads:read,threads:control,deliveries,platform:users,platform:messages,platform:events}', NULL, true, '2026-11-30 01:18:07.561+00', '2026-11-30 01:18:07.561+00', '\x8f1af631827d1b7414ba1bd5ca0b2e16e7366b48cd59f2f643e985dfbd3dbad9', NULL, NULL),
	('01a22a07-daff-702a-bd9d-b5a07811cf77', '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'message_delivery', 'Message delivery', '{hooks,users:read,messages:write,events:write,threads:read,threads:control,deliveries,platform:users,platform:messages,platform:events}', NULL, true, '2026-11-30 01:18:07.615+00', '2026-11-30 01:18:07.615+00', '\xae7b791926f52bdd8b4f9dd9c2b1f21058d96ce3a1d1fde164cf8b6987fcdd21', NULL, NULL),
	('01a22a07-db11-7666-b1a1-109902ce8088', '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'desk', 'Agent desk', '{hooks,users:read,messages:write,events:write,threads:read,threads:control,deliveries}', NULL, true, '2026-11-30 01:18:07.633+00', '2026-11-30 01:18:07.633+00', '\xbd55ef0476020b2034e3aa1213cc0eaa2db9e72b651372e8e50cfd25b807aa43', NULL, NULL);

INSERT INTO public.deliveries VALUES
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f74f-73f9-9d7a-282a6295f684', 'iva', 'demo-b15d1438', 1, NULL, 'conversation_state', 'bot', NULL, '2026-11-30 01:18:14.854+00', '{"conversation_number":"1","user_id":"demo-b15d1438","third_party_user_id":"+919820098200","type":"conversation_state","subtype":"bot","metadata":"{\"conversation_number\":\"1\",\"owner\":\"iva\",\"epoch\":1}","timestamp":"2026-11-30T01:18:14.854Z"}', '00-a923ff2002201109c4eab68c596684d3-c227c74e98bdf2b1-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f750-76d9-bc1c-6a609650329c', 'iva', 'demo-b15d1438', 2, '01a22a07-f74f-73f9-9d7a-282a6295f684', 'message', 'receive', NULL, '2026-11-30 01:18:14.854+00', '{"user_id":"demo-b15d1438","conversation_number":"1","message_body":{"text":"My bill is wrong","type":"TEXT","data":{"quick_replies":[]}},"sender":"ceu","message_id":1,"timestamp":"2026-11-30T01:18:14.854Z","listener":"message_delivery","in_control":true,"third_party_user_id":"+919820098200"}', '00-a923ff2002201109c4eab68c596684d3-c227c74e98bdf2b1-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f819-7383-8b1b-15972e9059e9', 'message_delivery', 'demo-b15d1438', 1, NULL, 'message', 'receive', NULL, '2026-11-30 01:18:15.025+00', '{"user_id":"demo-b15d1438","conversation_number":"1","message_body":{"text":"Your November bill is 499 rupees. What is wrong with it?","type":"TEXT","data":{"quick_replies":[]}},"sender":"iva","message_id":2,"timestamp":"2026-11-30T01:18:15.025Z","listener":"iva","in_control":false,"third_party_user_id":"+919820098200"}', '00-7e74fb02987702656b335673f41c7467-5e20c46082d79080-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f89e-74b4-807d-06c8295cc951', 'iva', 'demo-b15d1438', 3, '01a22a07-f750-76d9-bc1c-6a609650329c', 'message', 'receive', NULL, '2026-11-30 01:18:15.191+00', '{"user_id":"demo-b15d1438","conversation_number":"1","message_body":{"text":"I was charged twice","type":"TEXT","data":{"quick_replies":[]}},"sender":"ceu","message_id":3,"timestamp":"2026-11-30T01:18:15.191Z","listener":"message_delivery","in_control":true,"third_party_user_id":"+919820098200"}', '00-8cbccae23f0a240afdb5af996cc7ea37-198aee9ade73eb81-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f8f3-772a-9248-e773abe00b73', 'message_delivery', 'demo-b15d1438', 2, '01a22a07-f819-7383-8b1b-15972e9059e9', 'message', 'receive', NULL, '2026-11-30 01:18:15.27+00', '{"user_id":"demo-b15d1438","conversation_number":"1","message_body":{"text":"I cannot solve that. A colleague takes over.","type":"TEXT","data":{"quick_replies":[]}},"sender":"iva","message_id":4,"timestamp":"2026-11-30T01:18:15.270Z","listener":"iva","in_control":false,"third_party_user_id":"+919820098200"}', '00-dabeb09a71508a3c4b36d968e2fed28e-ac30f8cc1fa0c7a8-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f969-763b-86df-9863c5c36acf', 'desk', 'demo-b15d1438', 1, NULL, 'user_events', 'create_user', NULL, '2026-11-30 01:18:15.381+00', '{"user_id":"demo-b15d1438","third_party_user_id":"+919820098200","user_name":"Asha Rao","device_platform":"WhatsApp","details_available":[{"name":"plan","type":"string"}]}', '00-c67f515019159319e1292e8cbb2d6f8f-0279cc31aa9f6663-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f969-763b-86df-9c4fa3b1b1d2', 'desk', 'demo-b15d1438', 2, '01a22a07-f969-763b-86df-9863c5c36acf', 'thread_control', 'assigned', NULL, '2026-11-30 01:18:15.381+00', '{"conversation_number":"1","user_id":"demo-b15d1438","third_party_user_id":"+919820098200","type":"thread_control","subtype":"assigned","metadata":"{\"from\":\"iva\",\"to\":\"desk\",\"reason\":\"passed\",\"epoch\":2}","timestamp":"2026-11-30T01:18:15.381Z"}', '00-c67f515019159319e1292e8cbb2d6f8f-0279cc31aa9f6663-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f969-763b-86df-a10e22907e8c', 'desk', 'demo-b15d1438', 3, '01a22a07-f969-763b-86df-9c4fa3b1b1d2', 'conversation_state', 'incomplete', NULL, '2026-11-30 01:18:15.381+00', '{"conversation_number":"1","user_id":"demo-b15d1438","third_party_user_id":"+919820098200","type":"conversation_state","subtype":"incomplete","metadata":"{\"conversation_number\":\"1\",\"owner\":\"desk\",\"epoch\":2,\"reason\":\"passed\"}","timestamp":"2026-11-30T01:18:15.381Z"}', '00-c67f515019159319e1292e8cbb2d6f8f-0279cc31aa9f6663-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f976-734e-b8ea-66ee3a19b7f9', 'desk', 'demo-b15d1438', 4, '01a22a07-f969-763b-86df-a10e22907e8c', 'message', 'receive', NULL, '2026-11-30 01:18:15.381+00', '{"user_id":"demo-b15d1438","conversation_number":"1","message_body":{"data":{"quick_replies":[]},"text":"My bill is wrong","type":"TEXT"},"sender":"ceu","message_id":1,"timestamp":"2026-11-30T01:18:14.854Z","listener":"message_delivery","in_control":true,"history":true,"third_party_user_id":"+919820098200"}', '00-c67f515019159319e1292e8cbb2d6f8f-0279cc31aa9f6663-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f976-734e-b8ea-69abfa292f21', 'desk', 'demo-b15d1438', 5, '01a22a07-f976-734e-b8ea-66ee3a19b7f9', 'message', 'receive', NULL, '2026-11-30 01:18:15.381+00', '{"user_id":"demo-b15d1438","conversation_number":"1","message_body":{"data":{"quick_replies":[]},"text":"Your November bill is 499 rupees. What is wrong with it?","type":"TEXT"},"sender":"iva","message_id":2,"timestamp":"2026-11-30T01:18:15.025Z","listener":"iva","in_control":true,"history":true,"third_party_user_id":"+919820098200"}', '00-c67f515019159319e1292e8cbb2d6f8f-0279cc31aa9f6663-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f976-734e-b8ea-6e5ee9c744c0', 'desk', 'demo-b15d1438', 6, '01a22a07-f976-734e-b8ea-69abfa292f21', 'message', 'receive', NULL, '2026-11-30 01:18:15.381+00', '{"user_id":"demo-b15d1438","conversation_number":"1","message_body":{"data":{"quick_replies":[]},"text":"I was charged twice","type":"TEXT"},"sender":"ceu","message_id":3,"timestamp":"2026-11-30T01:18:15.191Z","listener":"message_delivery","in_control":true,"history":true,"third_party_user_id":"+919820098200"}', '00-c67f515019159319e1292e8cbb2d6f8f-0279cc31aa9f6663-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f976-734e-b8ea-7211891115b1', 'desk', 'demo-b15d1438', 7, '01a22a07-f976-734e-b8ea-6e5ee9c744c0', 'message', 'receive', NULL, '2026-11-30 01:18:15.381+00', '{"user_id":"demo-b15d1438","conversation_number":"1","message_body":{"data":{"quick_replies":[]},"text":"I cannot solve that. A colleague takes over.","type":"TEXT"},"sender":"iva","message_id":4,"timestamp":"2026-11-30T01:18:15.270Z","listener":"iva","in_control":true,"history":true,"third_party_user_id":"+919820098200"}', '00-c67f515019159319e1292e8cbb2d6f8f-0279cc31aa9f6663-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-f969-763b-86df-a6a972fcef85', 'iva', 'demo-b15d1438', 4, '01a22a07-f89e-74b4-807d-06c8295cc951', 'conversation_state', 'incomplete', NULL, '2026-11-30 01:18:15.381+00', '{"conversation_number":"1","user_id":"demo-b15d1438","third_party_user_id":"+919820098200","type":"conversation_state","subtype":"incomplete","metadata":"{\"conversation_number\":\"1\",\"owner\":\"desk\",\"epoch\":2,\"reason\":\"passed\"}","timestamp":"2026-11-30T01:18:15.381Z"}', '00-c67f515019159319e1292e8cbb2d6f8f-0279cc31aa9f6663-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-fa8d-732b-ab31-ed85ffbd722f', 'iva', 'demo-b15d1438', 5, '01a22a07-f969-763b-86df-a6a972fcef85', 'aeu_events', 'allocated', NULL, '2026-11-30 01:18:15.686+00', '{"conversation_number":"1","user_id":"demo-b15d1438","third_party_user_id":"+919820098200","type":"aeu_events","subtype":"allocated","metadata":"{\"agent\":{\"id\":\"ravi\",\"name\":\"Ravi\"}}","timestamp":"2026-11-30T01:18:15.686Z","listener":"desk"}', '00-46b2fd2028b0fa9a3d53f29e69b5db36-a7ebdf769ef66507-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-fad8-718e-9a4b-56e66c807d8b', 'iva', 'demo-b15d1438', 6, '01a22a07-fa8d-732b-ab31-ed85ffbd722f', 'message', 'receive', NULL, '2026-11-30 01:18:15.764+00', '{"user_id":"demo-b15d1438","conversation_number":"1","message_body":{"text":"I am sorry. The second 499 rupees go back to you today.","type":"TEXT","data":{"quick_replies":[]}},"sender":"aeu","message_id":5,"timestamp":"2026-11-30T01:18:15.764Z","listener":"desk","in_control":false,"third_party_user_id":"+919820098200"}', '00-67566c93219e0c2b59d34d9a93e70e55-a4a7cffc9e2e202c-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-fad9-71f8-8d95-f350377e409a', 'message_delivery', 'demo-b15d1438', 3, '01a22a07-f8f3-772a-9248-e773abe00b73', 'message', 'receive', NULL, '2026-11-30 01:18:15.764+00', '{"user_id":"demo-b15d1438","conversation_number":"1","message_body":{"text":"I am sorry. The second 499 rupees go back to you today.","type":"TEXT","data":{"quick_replies":[]}},"sender":"aeu","message_id":5,"timestamp":"2026-11-30T01:18:15.764Z","listener":"desk","in_control":false,"third_party_user_id":"+919820098200"}', '00-67566c93219e0c2b59d34d9a93e70e55-a4a7cffc9e2e202c-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-faf6-722d-85d7-1e044494ed39', 'desk', 'demo-b15d1438', 8, '01a22a07-f976-734e-b8ea-7211891115b1', 'message', 'receive', NULL, '2026-11-30 01:18:15.795+00', '{"user_id":"demo-b15d1438","conversation_number":"1","message_body":{"text":"Thank you!","type":"TEXT","data":{"quick_replies":[]}},"sender":"ceu","message_id":6,"timestamp":"2026-11-30T01:18:15.795Z","listener":"message_delivery","in_control":true,"third_party_user_id":"+919820098200","ect_user_id":"case-demo-b15d1438"}', '00-5f6031c04b077c495b52836f7657fd57-17fdfe636d0e092b-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-faf6-722d-85d7-213e6539ffa0', 'iva', 'demo-b15d1438', 7, '01a22a07-fad8-718e-9a4b-56e66c807d8b', 'message', 'receive', NULL, '2026-11-30 01:18:15.795+00', '{"user_id":"demo-b15d1438","conversation_number":"1","message_body":{"text":"Thank you!","type":"TEXT","data":{"quick_replies":[]}},"sender":"ceu","message_id":6,"timestamp":"2026-11-30T01:18:15.795Z","listener":"message_delivery","in_control":false,"third_party_user_id":"+919820098200"}', '00-5f6031c04b077c495b52836f7657fd57-17fdfe636d0e092b-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-fb21-750f-b547-cb2fe5fe9956', 'iva', 'demo-b15d1438', 8, '01a22a07-faf6-722d-85d7-213e6539ffa0', 'conversation_state', 'complete', NULL, '2026-11-30 01:18:15.834+00', '{"conversation_number":"1","user_id":"demo-b15d1438","third_party_user_id":"+919820098200","type":"conversation_state","subtype":"complete","metadata":"{\"conversation_number\":\"1\",\"owner\":null,\"epoch\":3}","timestamp":"2026-11-30T01:18:15.834Z","listener":"desk"}', '00-30947fed915b024492f8bc65c8d95912-a0e1da014cb77ad2-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-fb51-7319-8238-92a8298ccb2a', 'iva', 'demo-b15d1438', 9, '01a22a07-fb21-750f-b547-cb2fe5fe9956', 'conversation_state', 'bot', NULL, '2026-11-30 01:18:15.886+00', '{"conversation_number":"2","user_id":"demo-b15d1438","third_party_user_id":"+919820098200","type":"conversation_state","subtype":"bot","metadata":"{\"conversation_number\":\"2\",\"owner\":\"iva\",\"epoch\":4}","timestamp":"2026-11-30T01:18:15.886Z"}', '00-e4928451c9fc3920de3b3ef7448d89af-f5113fb8a7cecd32-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-fb51-7319-8238-965a81d9f5c1', 'iva', 'demo-b15d1438', 10, '01a22a07-fb51-7319-8238-92a8298ccb2a', 'message', 'receive', NULL, '2026-11-30 01:18:15.886+00', '{"user_id":"demo-b15d1438","conversation_number":"2","message_body":{"text":"How much data do I have left?","type":"TEXT","data":{"quick_replies":[]}},"sender":"ceu","message_id":7,"timestamp":"2026-11-30T01:18:15.886Z","listener":"message_delivery","in_control":true,"third_party_user_id":"+919820098200"}', '00-e4928451c9fc3920de3b3ef7448d89af-f5113fb8a7cecd32-00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a07-fb98-71ee-9e20-754d09e329c7', 'message_delivery', 'demo-b15d1438', 4, '01a22a07-fad9-71f8-8d95-f350377e409a', 'message', 'receive', NULL, '2026-11-30 01:18:15.952+00', '{"user_id":"demo-b15d1438","conversation_number":"2","message_body":{"text":"You have 12 GB left until the 30th.","type":"TEXT","data":{"quick_replies":[]}},"sender":"iva","message_id":8,"timestamp":"2026-11-30T01:18:15.952Z","listener":"iva","in_control":false,"third_party_user_id":"+919820098200"}', '00-411cca0821d83c5354b9b42576eceefc-e9b612c686aec788-00'),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a08-2a94-706b-bc84-4131f4aff852', 'desk', 'asha', 1, NULL, 'message', 'receive', NULL, '2026-11-30 01:18:27.986+00', '{"user_id":"asha","conversation_number":"1","message_body":{"data":{"quick_replies":[]},"text":"My bill is wrong","type":"TEXT"},"sender":"ceu","message_id":1,"timestamp":"2026-11-30T01:18:27.968Z","listener":"message_delivery","in_control":true,"history":true}', '00-150458a01ef0ff01f186923477d16db4-eca0c3ba6eeca133-00'),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', '01a22a08-2ac9-71ad-8af6-321f292e29d6', 'desk', 'asha', 2, '01a22a08-2a94-706b-bc84-4131f4aff852', 'message', 'receive', NULL, '2026-11-30 01:18:28.04+00', '{"user_id":"asha","conversation_number":"1","message_body":{"text":"Are you there?","type":"TEXT","data":{"quick_replies":[]}},"sender":"ceu","message_id":2,"timestamp":"2026-11-30T01:18:28.040Z","listener":"message_delivery","in_control":true}', '00-22b64ec27017b7a2d562b9caab45d1b8-034f4456e0509550-00');

INSERT INTO public.events VALUES
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '01a22a07-f750-76d9-bc1c-6f82e3f7c11d', 1, 'thread_control', 'assigned', NULL, '{"from":null,"to":"iva","epoch":1}', '2026-11-30 01:18:14.854+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '01a22a07-f750-76d9-bc1c-72f833755ce5', 1, 'conversation_state', 'bot', NULL, '{"conversation_number":"1","owner":"iva","epoch":1}', '2026-11-30 01:18:14.854+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '01a22a07-f976-734e-b8ea-76001db6f477', 1, 'thread_control', 'released', NULL, '{"from":"iva","to":"desk","epoch":2}', '2026-11-30 01:18:15.381+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '01a22a07-f976-734e-b8ea-7925e28f13be', 1, 'thread_control', 'assigned', NULL, '{"from":"iva","to":"desk","reason":"passed","epoch":2}', '2026-11-30 01:18:15.381+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '01a22a07-f976-734e-b8ea-7eeda49cb24b', 1, 'conversation_state', 'incomplete', NULL, '{"conversation_number":"1","owner":"desk","epoch":2,"reason":"passed"}', '2026-11-30 01:18:15.381+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '01a22a07-fa8d-732b-ab31-f2a9c323afd1', 1, 'aeu_events', 'allocated', 'desk', '{"agent":{"id":"ravi","name":"Ravi"}}', '2026-11-30 01:18:15.686+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '01a22a07-fa8d-732b-ab31-f4132767042b', 1, 'conversation_state', 'pinned', NULL, '{"conversation_number":"1","owner":"desk","epoch":2}', '2026-11-30 01:18:15.686+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '01a22a07-fb21-750f-b547-cf420cac47f3', 1, 'conversation_state', 'complete', 'desk', '{"conversation_number":"1","owner":null,"epoch":3}', '2026-11-30 01:18:15.834+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '01a22a07-fb51-7319-8238-98ab264c1aef', 2, 'thread_control', 'assigned', NULL, '{"from":null,"to":"iva","epoch":4}', '2026-11-30 01:18:15.886+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '01a22a07-fb51-7319-8238-9e3e4db192a3', 2, 'conversation_state', 'bot', NULL, '{"conversation_number":"2","owner":"iva","epoch":4}', '2026-11-30 01:18:15.886+00'),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'asha', '01a22a08-2a85-7464-8e6b-fe69fee9103e', 1, 'thread_control', 'assigned', NULL, '{"from":null,"to":"iva","epoch":1}', '2026-11-30 01:18:27.968+00'),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'asha', '01a22a08-2a85-7464-8e6c-0103b8bc7c9a', 1, 'conversation_state', 'bot', NULL, '{"conversation_number":"1","owner":"iva","epoch":1}', '2026-11-30 01:18:27.968+00'),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'asha', '01a22a08-2a95-7339-9fd8-44c06b9b7acd', 1, 'thread_control', 'released', NULL, '{"from":"iva","to":"desk","epoch":2}', '2026-11-30 01:18:27.986+00'),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'asha', '01a22a08-2a95-7339-9fd8-48ae3de0459e', 1, 'thread_control', 'assigned', NULL, '{"from":"iva","to":"desk","reason":"passed","epoch":2}', '2026-11-30 01:18:27.986+00'),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'asha', '01a22a08-2a95-7339-9fd8-4e6528c4a986', 1, 'conversation_state', 'incomplete', NULL, '{"conversation_number":"1","owner":"desk","epoch":2,"reason":"passed"}', '2026-11-30 01:18:27.986+00');

INSERT INTO public.hooks VALUES
	('01a22a07-da82-75bc-a43a-0a9ad4caa394', 'desk', '01a22a08-2a69-73c9-92e7-37d680a8579c', 'message', 'receive', 'http://127.0.0.1:9/hooks', 'active', NULL, '2026-11-30 01:18:27.943+00', '2026-11-30 01:18:27.943+00', '\x0112cc4f9f470e34d335a832f7f8de50d4b1ca08350be37d57f3021b7e1a8322bde382872d4a66dfcf776a5e03020dc1a08b6e5530690e54f54a24fac4a0ff1bad97dc89161e2f190bbb13fefd85c8', NULL, NULL, NULL);

INSERT INTO public.idempotency_keys VALUES
	(104, '01a22a07-dac9-7131-a6b9-22c9767223d9', '01a22a07-f750-76d9-bc1c-6a609650329c-answer', 'sendPlatformMessage', '\x8bcc6be3c19779ee7a727db56b38f1aadf42ac802c07f498af99031d83a39336', 200, 'AYRALljWROLBh326X0daapi8muUX41gHsK6zOEApcxDTeRSpLwGZK2aWqX10FnZuOHf9iVrdiygOEkZAVLMUgUVVRA/FBEajocCKpFnIRW9uCVRaihD3t1719hN7Z+7owQWLRD76BQc0OTxboXY=', '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '2026-11-30 01:18:15.025+00'),
	(239, '01a22a07-dac9-7131-a6b9-22c9767223d9', '01a22a07-f89e-74b4-807d-06c8295cc951-answer', 'sendPlatformMessage', '\x2fe0c2f1a7dea39c39f2e4802ba809a44f7c6a304159cd82046a1e1c8eb34057', 200, 'AdkMxSe9t4VmKmhPVxdbt20Y5v1hrEEa/X49GJz4mUd1XBDT6lwot79htzJlS/n2/mJ6usDRLS+Kx8cTDGGsmfCmCqjcex04W42c/647jyH9Z1d3aJRslOyqDtmSeUujC2GdVpLvF4hscma+b4I=', '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '2026-11-30 01:18:15.27+00'),
	(143, '01a22a07-dac9-7131-a6b9-22c9767223d9', '01a22a07-f89e-74b4-807d-06c8295cc951-pass', 'requestThreadControl', '\xb96e945459b6babe905b7afeba9de2307089b094c70463779980d0e028ce09d0', 200, 'AT/VgCppWHOltOPvg897YnKbXT+feNtCtfLD4ygSrh2pk7KyFWGlnH0v6WjoW2bHpS/bclRyVYN23Dheyp0o92TRtV4hN8VA2L6QTViqN6lccG9S1AU=', '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '2026-11-30 01:18:15.382+00'),
	(170, '01a22a07-dac9-7131-a6b9-22c9767223d9', '01a22a07-fb51-7319-8238-965a81d9f5c1-answer', 'sendPlatformMessage', '\xe8e75af674265c63db8427ea166cbf9cdcbef6888dad658444281bfc94b8a6eb', 200, 'AZPiib0CUVnPrie1CDZHAOS/aZWfIz10/G8j4jmsN+M8w5109hT3ng8HKGbH7lZTYLiM9jbesc/r079MrNMKIQmPTurTU1vt+ZhbrEwseE4hJBqe72ITcH+Ky16XJGaJ3pX9OVh3eBOHenJ8DOQ=', '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '2026-11-30 01:18:15.952+00');

INSERT INTO public.instance VALUES
	(1, 'c4d61b59eaaf4910fbb495ad5d19ac4a11059bc1deca49ef0a9c268e25570af7', '2026-11-30 01:18:04.042+00');

INSERT INTO public.lanes VALUES
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'desk', 'demo-b15d1438', 8, 8, NULL, 0, 0, 0, NULL, NULL, NULL, '01a22a07-faf6-722d-85d7-1e044494ed39', 6, 'case-demo-b15d1438'),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'desk', 'asha', 0, 2, '2026-11-30 01:18:46.357+00', 5, 5, 0, NULL, NULL, '2026-11-30 01:18:28.007+00', '01a22a08-2ac9-71ad-8af6-321f292e29d6', 2, NULL),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'iva', 'demo-b15d1438', 10, 10, NULL, 0, 0, 0, NULL, NULL, NULL, '01a22a07-fb51-7319-8238-965a81d9f5c1', 7, NULL),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'message_delivery', 'demo-b15d1438', 4, 4, NULL, 0, 0, 0, NULL, NULL, NULL, '01a22a07-fb98-71ee-9e20-754d09e329c7', 8, NULL);

INSERT INTO public.listeners VALUES
	('01a22a07-da82-75bc-a43a-0a9ad4caa394', 'iva', 'iva', 'Virtual assistant', true, true, true, false, 'default_or_primary', '2026-11-30 01:18:07.49+00', '2026-11-30 01:18:07.49+00'),
	('01a22a07-da82-75bc-a43a-0a9ad4caa394', 'message_delivery', 'md', 'Message delivery', true, true, false, false, 'default_or_primary', '2026-11-30 01:18:07.49+00', '2026-11-30 01:18:07.49+00'),
	('01a22a07-da82-75bc-a43a-0a9ad4caa394', 'desk', 'ect', 'Agent desk', true, false, false, false, 'default_or_primary', '2026-11-30 01:18:07.49+00', '2026-11-30 01:18:07.49+00');

INSERT INTO public.messages VALUES
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', 1, 1, 'ceu', 'message_delivery', '{"data": {"quick_replies": []}, "text": "My bill is wrong", "type": "TEXT"}', NULL, '2026-11-30 01:18:14.854+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', 2, 1, 'iva', 'iva', '{"data": {"quick_replies": []}, "text": "Your November bill is 499 rupees. What is wrong with it?", "type": "TEXT"}', NULL, '2026-11-30 01:18:15.025+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', 3, 1, 'ceu', 'message_delivery', '{"data": {"quick_replies": []}, "text": "I was charged twice", "type": "TEXT"}', NULL, '2026-11-30 01:18:15.191+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', 4, 1, 'iva', 'iva', '{"data": {"quick_replies": []}, "text": "I cannot solve that. A colleague takes over.", "type": "TEXT"}', NULL, '2026-11-30 01:18:15.27+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', 5, 1, 'aeu', 'desk', '{"data": {"quick_replies": []}, "text": "I am sorry. The second 499 rupees go back to you today.", "type": "TEXT"}', NULL, '2026-11-30 01:18:15.764+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', 6, 1, 'ceu', 'message_delivery', '{"data": {"quick_replies": []}, "text": "Thank you!", "type": "TEXT"}', NULL, '2026-11-30 01:18:15.795+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', 7, 2, 'ceu', 'message_delivery', '{"data": {"quick_replies": []}, "text": "How much data do I have left?", "type": "TEXT"}', NULL, '2026-11-30 01:18:15.886+00'),
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', 8, 2, 'iva', 'iva', '{"data": {"quick_replies": []}, "text": "You have 12 GB left until the 30th.", "type": "TEXT"}', NULL, '2026-11-30 01:18:15.952+00'),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'asha', 1, 1, 'ceu', 'message_delivery', '{"data": {"quick_replies": []}, "text": "My bill is wrong", "type": "TEXT"}', NULL, '2026-11-30 01:18:27.968+00'),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'asha', 2, 1, 'ceu', 'message_delivery', '{"data": {"quick_replies": []}, "text": "Are you there?", "type": "TEXT"}', NULL, '2026-11-30 01:18:28.04+00'),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'asha', 3, 1, 'aeu', 'desk', '{"data": {"quick_replies": []}, "text": "One moment, please.", "type": "TEXT"}', NULL, '2026-11-30 01:18:28.063+00');

INSERT INTO public.organisations VALUES
	('01a22a07-da82-75bc-a43a-0a9ad4caa394', 'Demo', NULL, 'ask', 60, NULL, 86400, 20, NULL, '2026-11-30 01:18:07.49+00', '2026-11-30 01:18:07.49+00', 22);

INSERT INTO public.signing_keys VALUES
	('oLIWDYgjbbkGv5sB2P-vJFN-egwl_k6NBJLifkONRSs', 'EdDSA', '{"x": "R1j4RJPnVf6LD6LLQ3a7D1P5bqmDyE5KIszkZK8MpfY", "alg": "EdDSA", "crv": "Ed25519", "kid": "oLIWDYgjbbkGv5sB2P-vJFN-egwl_k6NBJLifkONRSs", "kty": "OKP", "use": "sig"}', '\x0101cca016e87cf8071bdaf47de30281b2ae02260406f1a0156b24166a5fc803d8136b3893ae6263e38e0e1333582d90ec82c6e831b27cbe7b48858d992e967d448fa08ca425fddf744e7fd848ca8b67ffe20c5c23f62acc1ce8df65c6238e7293c5c0265b52b4fdce2314e9a34360a5886370eee8eb2682a47c951878bd98489ffe1de12809ac76cc0370ed014c31eb219ba8371d4a8810ae25a1e8714d', '2026-11-30 01:18:04.329+00', '2026-11-30 01:18:04.329+00', NULL);

INSERT INTO public.threads VALUES
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', 'iva', 4, 2, 'bot', NULL, 8, '2026-11-30 01:18:15.952+00', '2026-12-01 01:18:15.952+00', '{"failed": [], "takenAt": null, "passedBy": null, "returned": false, "unallocatedSince": null}'),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'asha', 'desk', 2, 1, 'incomplete', NULL, 3, '2026-11-30 01:18:28.063+00', '2026-12-01 01:18:28.063+00', '{"failed": [], "takenAt": null, "passedBy": "iva", "returned": false, "unallocatedSince": null}');

INSERT INTO public.users VALUES
	(103, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'demo-b15d1438', '+919820098200', 'Asha Rao', 'WhatsApp', '{"plan": "Prepaid 499"}', '2026-11-30 01:18:14.854+00', '2026-11-30 01:18:14.854+00'),
	(170, '01a22a07-da82-75bc-a43a-0a9ad4caa394', 'asha', NULL, NULL, NULL, '{}', '2026-11-30 01:18:27.968+00', '2026-11-30 01:18:27.968+00');

ALTER TABLE ONLY public._prisma_migrations
    ADD CONSTRAINT _prisma_migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (bucket, organisation_id, delivery_id, number);

ALTER TABLE ONLY public.buckets
    ADD CONSTRAINT buckets_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.clients
    ADD CONSTRAINT clients_pkey PRIMARY KEY (client_id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (bucket, organisation_id, listener, user_id, sequence);

ALTER TABLE ONLY public.delivery_ends
    ADD CONSTRAINT delivery_ends_pkey PRIMARY KEY (bucket, organisation_id, delivery_id);

ALTER TABLE ONLY public.delivery_faults
    ADD CONSTRAINT delivery_faults_pkey PRIMARY KEY (bucket, organisation_id, delivery_id, fault);

ALTER TABLE ONLY public.dispatchers
    ADD CONSTRAINT dispatchers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (bucket, organisation_id, user_id, id);

ALTER TABLE ONLY public.hooks
    ADD CONSTRAINT hooks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (bucket, client_id, key);

ALTER TABLE ONLY public.instance
    ADD CONSTRAINT instance_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.lanes
    ADD CONSTRAINT lanes_pkey PRIMARY KEY (bucket, organisation_id, listener, user_id);

ALTER TABLE ONLY public.listeners
    ADD CONSTRAINT listeners_pkey PRIMARY KEY (organisation_id, listener_id);

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (bucket, organisation_id, user_id, message_id);

ALTER TABLE ONLY public.open_breakers
    ADD CONSTRAINT open_breakers_pkey PRIMARY KEY (organisation_id, listener_id, origin, process);

ALTER TABLE ONLY public.organisations
    ADD CONSTRAINT organisations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.revoked_tokens
    ADD CONSTRAINT revoked_tokens_pkey PRIMARY KEY (jti);

ALTER TABLE ONLY public.signing_keys
    ADD CONSTRAINT signing_keys_pkey PRIMARY KEY (kid);

ALTER TABLE ONLY public.threads
    ADD CONSTRAINT threads_pkey PRIMARY KEY (bucket, organisation_id, user_id);

ALTER TABLE ONLY public.used_assertions
    ADD CONSTRAINT used_assertions_pkey PRIMARY KEY (client_id, jti);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (bucket, organisation_id, user_id);

CREATE INDEX clients_organisation_id_idx ON public.clients USING btree (organisation_id);

CREATE UNIQUE INDEX deliveries_bucket_organisation_id_id_key ON public.deliveries USING btree (bucket, organisation_id, id);

CREATE UNIQUE INDEX hooks_organisation_id_listener_id_category_subcategory_key ON public.hooks USING btree (organisation_id, listener_id, category, subcategory);

CREATE INDEX idempotency_keys_bucket_created_at_idx ON public.idempotency_keys USING btree (bucket, created_at);

CREATE INDEX lanes_due ON public.lanes USING btree (bucket, next_at) WHERE (next_at IS NOT NULL);

CREATE INDEX revoked_tokens_expires_at_idx ON public.revoked_tokens USING btree (expires_at);

CREATE INDEX threads_bucket_deadline_at_idx ON public.threads USING btree (bucket, deadline_at);

CREATE INDEX used_assertions_expires_at_idx ON public.used_assertions USING btree (expires_at);

ALTER TABLE ONLY public.clients
    ADD CONSTRAINT clients_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id) ON UPDATE RESTRICT ON DELETE RESTRICT;

ALTER TABLE ONLY public.hooks
    ADD CONSTRAINT hooks_organisation_id_listener_id_fkey FOREIGN KEY (organisation_id, listener_id) REFERENCES public.listeners(organisation_id, listener_id) ON UPDATE RESTRICT ON DELETE RESTRICT;

ALTER TABLE ONLY public.listeners
    ADD CONSTRAINT listeners_organisation_id_fkey FOREIGN KEY (organisation_id) REFERENCES public.organisations(id) ON UPDATE RESTRICT ON DELETE RESTRICT;
